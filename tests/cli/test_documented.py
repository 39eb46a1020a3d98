"""The walk through health shows what the commands really print, in its order, on the demo store of one day."""

import os
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from execution.bootstrap import demonstration
from tests.cli.conftest import Gtm
from tests.conftest import Golden

GUIDE = Path(__file__).parents[2] / "workspace-setup" / "guides" / "health.md"
DAY = datetime(2026, 6, 15, 6, tzinfo=UTC)
BLOCK = re.compile(r"^```\n(?=\$ gtm )(.*?)^```$|^~~~~markdown (\S+)\n(.*?)^~~~~$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = demonstration.demo(tmp_path / "demo", now=DAY, reports=["daily"]).root
    monkeypatch.setenv("GTM_WORKSPACE", str(root))
    monkeypatch.setenv("COLUMNS", "120")
    return root


def shown(out: str, root: Path) -> str:
    """What was printed, without what differs from run to run: the hashes of directives, where the store is, and when a
    source was last read, which the journal tells by the clock on the wall."""
    text = re.sub(r"\b[0-9a-f]{8}\)", "12345678)", out).replace(f"{root}/", "")
    text = re.sub(r"\bsynced(\s+)\d{4}-\d\d-\d\d(\s+)\d\d:\d\d", rf"synced\g<1>{DAY:%Y-%m-%d}\g<2>{DAY:%H:%M}", text)
    return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())


def walked(text: str, root: Path, gtm: Gtm) -> Iterator[str]:
    """The guide piece by piece, each output as it is today, each file laid where it says."""
    at = 0
    for block in BLOCK.finditer(text):
        yield text[at : block.start()]
        at = block.end()
        if block[2]:
            (root / block[2]).write_text(block[3], encoding="utf-8")
            gtm("sync", "workspace")
            yield block[0]
            continue
        outputs = []
        for command in re.findall(r"^\$ gtm (.*)$", block[1], re.MULTILINE):
            called = gtm(*shlex.split(command))
            assert called.code in (0, 1), called.err
            outputs.append(f"$ gtm {command}\n{shown(called.out, root)}")
        yield "```\n" + "\n".join(outputs) + "```"
    yield text[at:]


@pytest.mark.timeout(300)
def test_the_guide_shows_what_is_printed(gtm: Gtm, demo: Path, golden: Golden) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    today = "".join(walked(text, demo, gtm))
    if os.environ.get("GTM_SNAP"):
        GUIDE.write_text(today, encoding="utf-8")
    else:
        assert text == today, f"{GUIDE.name} shows another output: `make snap` rewrites it"
