"""Where directives come from: the files of a workspace, or those of a git ref. The only part that touches the disk."""

import os
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from execution.errors import DirectiveError, Problem, UsageError

Texts = Mapping[str, bytes]

MAX_BYTES = 1_000_000
FOLDER = "directives"
PERSONAL = "personal/triggers/"
"""Where people keep triggers of their own."""
ABOUT = ("README.md", "CATALOGUE.md")
"""Files about directives that are none."""


def is_directive(path: str) -> bool:
    """Whether a workspace-relative path is a directive: Markdown, no page about directives, nothing hidden."""
    parts = PurePosixPath(path).parts
    return path.endswith(".md") and parts[-1] not in ABOUT and not any(part.startswith(".") for part in parts)


def read_folder(root: Path) -> Texts:
    """Every `directives/**/*.md` and `personal/triggers/**/*.md` of the workspace at `root` but those about directives,
    by workspace-relative path.

    Of a file that is too large only as much is read as shows it. Raises DirectiveError with every file that cannot be
    read: a link in a circle or out of the workspace, a folder that is a link, something that is no file.
    """
    texts: dict[str, bytes] = {}
    problems: list[Problem] = []
    for file in (*_walk(root / FOLDER), *_walk(root / PERSONAL)):
        path = file.relative_to(root).as_posix()
        if not is_directive(path) and not (file.is_symlink() and file.is_dir()):
            continue
        try:
            texts[path] = _content(file, root)
        except OSError as error:
            problems.append(_unreadable(path, error.strerror or str(error)))
        except RuntimeError:  # Python 3.11's resolve() on a link to itself
            problems.append(_unreadable(path, "the link leads in a circle"))
    if problems:
        raise DirectiveError(tuple(sorted(problems)))
    return dict(sorted(texts.items()))


def _walk(folder: Path) -> Iterator[Path]:
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if Path(at, name).is_symlink()]
        yield from (Path(at, name) for name in sorted([*files, *links]))


def _content(file: Path, root: Path) -> bytes:
    target = file.resolve(strict=True)
    if not target.is_relative_to(root.resolve()):
        raise OSError("it is a link that leads out of the workspace")
    if not stat.S_ISREG(target.stat().st_mode):
        raise OSError("it is not a file; links to folders are not followed")
    with target.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _unreadable(path: str, why: str) -> Problem:
    return Problem(path, 1, 1, "E104", f"cannot be read: {why}", "put the file itself here, or take it away")


def read_git(root: Path, ref: str) -> Texts:
    """The same of a git ref (`HEAD`, a branch, a commit) of the repository that the workspace is in.

    Raises UsageError where git, the repository or the ref is not there, DirectiveError as `read_folder` does.
    """
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", ref=ref)
    listing = _git(root, "ls-tree", "-r", "-z", "-l", commit.decode().strip(), "--", f"{FOLDER}/", PERSONAL, ref=ref)
    blobs: dict[str, bytes] = {}
    problems: list[Problem] = []
    for entry in filter(None, listing.split(b"\0")):
        description, _, name = entry.partition(b"\t")
        mode, _, blob, size = description.split()
        path = name.decode("utf-8", "replace")
        if not is_directive(path):
            continue
        if mode not in (b"100644", b"100755"):
            problems.append(_unreadable(path, "it is a link, and links are not followed in git"))
        elif int(size) > MAX_BYTES:
            problems.append(too_large(path))
        else:
            blobs[path] = blob
    if problems:
        raise DirectiveError(tuple(sorted(problems)))
    return dict(zip(blobs, _blobs(root, list(blobs.values()), ref), strict=True))


def _blobs(root: Path, names: list[bytes], ref: str) -> Iterator[bytes]:
    answer = _git(root, "cat-file", "--batch", ref=ref, given=b"".join(name + b"\n" for name in names))
    at = 0
    for _ in names:
        head, at = answer[at : answer.index(b"\n", at)], answer.index(b"\n", at) + 1
        size = int(head.split()[-1])
        yield answer[at : at + size]
        at += size + 1


def _git(root: Path, *arguments: str, ref: str, given: bytes | None = None) -> bytes:
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments; the ref is checked by git before it is used
            ["git", "-C", str(root), *arguments],  # noqa: S607 - the git that the user has
            input=given,
            capture_output=True,
            check=False,
            env=environment,
        )
    except OSError:
        raise UsageError("git is not installed, so directives cannot be read from it", code="E206") from None
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    raise UsageError(
        f"no directives at git ref {ref!r}: {said[-1] if said else 'there is no such ref'}",
        hint="name a branch, a tag or a commit of the workspace's repository, as in HEAD",
        code="E206",
    )


def too_large(path: str) -> Problem:
    """The problem of a file beyond the size a directive may have."""
    hint = "a directive is a page of text; keep data elsewhere"
    return Problem(path, 1, 1, "E101", f"larger than {MAX_BYTES // 1_000_000} MB", hint)


def decode(path: str, content: bytes) -> str | Problem:
    """A directive's text without a byte order mark, or why it is none."""
    if len(content) > MAX_BYTES:
        return too_large(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start + (3 if content.startswith(b"\xef\xbb\xbf") else 0)
        return _at_byte(
            path,
            content,
            at,
            "E102",
            f"not UTF-8: 0x{content[at]:02x}, byte {at + 1:,} of the file",
            "save the file as UTF-8",
        )
    if (at := content.find(b"\0")) >= 0:
        return _at_byte(
            path, content, at, "E103", f"a NUL, byte {at + 1:,} of the file", "take it out; is this a text file?"
        )
    return text


def _at_byte(path: str, content: bytes, at: int, code: str, message: str, hint: str) -> Problem:
    before = content[:at].decode("utf-8-sig", "replace")
    line = before.count("\n") + 1
    return Problem(path, line, len(before) - (before.rfind("\n") + 1) + 1, code, message, hint)
