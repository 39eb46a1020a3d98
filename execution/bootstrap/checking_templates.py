"""Whether the workspace's templates of context files hold; those that did, beside the same directives, are known to."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import execution
from execution.directives import Program
from execution.errors import Problem
from execution.files import cache
from execution.workspace import Workspace

FILES = tuple(f"customers/templates/{tier}.md.j2" for tier in ("compact", "standard", "extended"))


def problems(workspace: Workspace, program: Program) -> tuple[Problem, ...]:
    """Everything wrong with them. `program` has no problems of its own."""
    texts = {name: _text(workspace.root / name) for name in FILES}
    if not any(texts.values()):
        return ()
    fingerprint = _fingerprint(texts.values(), program)
    file = workspace.cache / "templates.txt"
    if cache.read(file) == fingerprint:
        return ()
    from execution.context import checking

    found = tuple(checking.problems(workspace, program))
    if not found:
        cache.write(file, fingerprint)
    return found


def _text(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _fingerprint(texts: Iterable[bytes], program: Program) -> str:
    """A hash of the templates, the directives, and of when the code that renders them was last changed."""
    package = Path(execution.__file__).parent
    code = sorted(
        (file.name, file.stat().st_mtime_ns) for part in ("context", "files") for file in (package / part).glob("*.py")
    )
    return sha256(b"\0".join([*texts, program.hash.encode(), repr(code).encode()])).hexdigest()
