"""What is known of directives from before: texts that were read and hold need neither be read nor checked again.

Two things are kept, both apart for each checker (this program and the libraries behind it, as they are installed now):
whole programs without a problem, by the hash of their texts, and pieces of SQL that hold, by the hash of all they
depend on. So a command starts without YAML, sqlglot and the engine, and after an edit only the SQL that it concerns is
looked at. With any doubt everything is read and checked as if for the first time.

The cache is as trusted as the store beside it. It is JSON, so reading it runs nothing; and since a checker is told from
others by when its files were written here, what was kept on one machine is never taken for known on another.
"""

import json
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import execution
from execution.directives import Program, Texts
from execution.files import cache
from execution.workspace import Workspace

if TYPE_CHECKING:
    from execution.directives.sql.memory import Holding

_KEPT = 8
"""Programs kept: that of the files, of the last commits, of an edit or two."""

_SQL = "sql.json"
_BESIDE = Workspace(Path(execution.__file__).parents[1])
"""The repository that this program runs from, where it does: its directives are those that a new workspace begins with,
so what was checked there need not be checked again."""


def program_of(workspace: Workspace, texts: Texts) -> Program:
    """The program of these texts with all its problems, whether it was known before or not."""
    from execution.directives import kept

    folder = workspace.cache / "programs"
    file = folder / f"{_fingerprint(texts)}.json"
    known = cache.read(file)
    if known is not None:
        try:
            return kept.restore(known)
        except ValueError:  # a value that no longer holds, though no text changed: a time zone that is gone
            pass
    program = _load(workspace, texts)
    if not program.problems:
        cache.write(file, kept.dump(program))
        cache.prune(folder, _KEPT)
    return program


def _load(workspace: Workspace, texts: Texts) -> Program:
    """Read and check everything but the SQL that is known to hold."""
    from execution.directives import load
    from execution.directives.sql.memory import Memory

    file = workspace.cache / _SQL
    before = cache.read(file)
    memory = Memory(_holding(before) or _holding(cache.read(_BESIDE.cache / _SQL)))
    program = load(texts, memory)
    after = json.dumps([_checker(), memory.holding()], separators=(",", ":"))
    if after != before:
        cache.write(file, after)
    return program


def _holding(kept: str | None) -> "dict[str, Holding] | None":
    """The pieces of SQL that are known to hold; None where there are none, or another checker found it."""
    checker, holding = json.loads(kept) if kept else ("", {})
    return holding if checker == _checker() else None


def _fingerprint(texts: Texts) -> str:
    digest = sha256(_checker().encode())
    for path in sorted(texts):
        digest.update(f"\0{path}\0{len(texts[path])}\0".encode())
        digest.update(texts[path])
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _checker() -> str:
    """Which checks were made: a hash of this program's files as they are now, and of the libraries behind them."""
    libraries = [_installed(name) for name in ("duckdb", "sqlglot", "pydantic", "yaml")]
    return sha256(f"{code_of('directives', 'engine')}{libraries}".encode()).hexdigest()


def code_of(*parts: str) -> str:
    """A hash of what this program's own files in some packages are now."""
    package = Path(execution.__file__).parent
    files = [file for part in parts for file in (package / part).rglob("*.py")]
    found = sorted((file.as_posix(), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    return sha256(f"{found}".encode()).hexdigest()


def _installed(package: str) -> tuple[str, int]:
    """Where a package lies and since when; asking for its version instead takes ten times as long."""
    spec = find_spec(package)
    origin = spec.origin if spec and spec.origin else package
    return origin, Path(origin).stat().st_mtime_ns
