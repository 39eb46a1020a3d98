"""Directives that hold need their SQL checked once: the same texts under the same program are known to be good.

Parsing and binding every block costs a third of a second, which no `gtm status` should pay twice. What is kept is a
fingerprint; with any doubt (another text, another gtm, another DuckDB) everything is checked again.
"""

from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from execution import directives
from execution.directives import Program, Texts, load
from execution.workspace import Workspace

_KEPT = 8
"""Fingerprints remembered: the files, the last commits, an edit or two."""


def program_of(workspace: Workspace, texts: Texts) -> Program:
    """The program of these texts, with all its problems. `gtm check` does not come this way: it always looks."""
    file = workspace.cache / "checked"
    known = _known(file)
    fingerprint = _fingerprint(texts)
    if fingerprint in known:
        return load(texts, check_sql=False)
    program = load(texts)
    if not program.problems:
        _remember(file, [fingerprint, *known][:_KEPT])
    return program


def _fingerprint(texts: Texts) -> str:
    digest = sha256(_checker().encode())
    for path in sorted(texts):
        digest.update(f"\0{path}\0{len(texts[path])}\0".encode())
        digest.update(texts[path])
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _checker() -> str:
    """Which checks were made: this package's files as they are now, and the engines behind them."""
    folder = Path(directives.__file__).parent
    files = sorted((file.as_posix(), file.stat().st_mtime_ns, file.stat().st_size) for file in folder.rglob("*.py"))
    return f"{files}{[_installed(name) for name in ('duckdb', 'sqlglot', 'pydantic')]}"


def _installed(package: str) -> tuple[str, int]:
    """Where a package lies and since when; asking for its version instead takes ten times as long."""
    spec = find_spec(package)
    origin = spec.origin if spec and spec.origin else package
    return origin, Path(origin).stat().st_mtime_ns


def _known(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []


def _remember(file: Path, fingerprints: list[str]) -> None:
    """Best effort: where the cache cannot be written, the next command merely checks again."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.write_text("\n".join(fingerprints) + "\n", encoding="ascii")
        partial.replace(file)
    except OSError:
        return
