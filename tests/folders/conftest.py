"""Golden files of accounts' folders."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

_GOLDEN = Path(__file__).parent / "golden"

Same = Callable[[str, str], None]


@pytest.fixture
def golden() -> Same:
    """`golden("timeline.md", text)` fails where the text is not what was committed; `make snap` rewrites it."""

    def compare(name: str, text: str) -> None:
        file = _GOLDEN / name
        if os.environ.get("GTM_SNAP"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8")

    return compare
