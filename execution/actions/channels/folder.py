"""A folder outside the workspace, as of a file server: reports are put into it, whole or not at all.

The folder itself is never made: one that is not there is a server that is not mounted, and what were written in its
place nobody would find.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from execution.actions.channels.telling import NotSentError, Receipt
from execution.actions.letter import REPORT, read
from execution.actions.outbox import Row
from execution.directives.model.routing import Folder
from execution.errors import UsageError
from execution.files import writing
from execution.settings import Environment


@dataclass(frozen=True, slots=True)
class FolderSender:
    """One folder."""

    root: Path
    is_test: bool

    def send(self, row: Row) -> Receipt:
        """Put the row's files into the folder that it names below this one; the same content twice is one file."""
        if row.do != REPORT:
            raise NotSentError("a folder takes reports only", is_final=True)
        below = PurePosixPath(str(row.payload.get("folder") or ""))
        if below.is_absolute() or ".." in below.parts:
            raise NotSentError("the report would stand outside the folder", is_final=True)
        if not self.root.is_dir():
            raise NotSentError("the folder is not there", stops=True)
        try:
            names = [self._put(below, file.name, file.content) for file in read(row, is_test=self.is_test).files]
        except UsageError:
            raise NotSentError("the report would stand outside the folder", is_final=True) from None
        except OSError as error:
            raise NotSentError(f"the folder cannot be written ({error.strerror or type(error).__name__})") from None
        return {"files": names}

    def _put(self, below: PurePosixPath, name: str, content: bytes) -> str:
        path = self.root / below / PurePosixPath(name).name
        writing.write_bytes(self.root, path, content)
        return (below / path.name).as_posix()


def folder_sender(channel: Folder, environment: Environment, *, is_test: bool) -> FolderSender:
    """The sender of a channel; as a test it writes into the folder under `test`. Raises CredentialsError where a
    variable is not set."""
    path = channel.test if is_test and channel.test else channel.path
    return FolderSender(Path(environment.resolve(path)), is_test)
