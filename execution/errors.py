"""Every error a user can meet, as one tree.

GtmError                     exit 5 unless a subclass says otherwise
├── UsageError               2  an argument or a setting is wrong
├── DirectiveError           2  one or more directives do not hold; carries every Problem
├── DataError                2  a directive holds by itself and fails on the data; what was made before it stays
├── SourceError              3  a vendor could not be read
│   ├── CredentialsError        the key is missing, refused or lacks a scope
│   ├── VendorError             the vendor answered no, and asking again will not help
│   ├── NetworkError            the vendor could not be reached, or not in time
│   ├── PageError               an answer was not whole, valid JSON with its records
│   ├── LoopError               a cursor did not advance
│   └── FileError               a file of the workspace that is a source was not what it should be
└── StoreError               4  the store cannot be written or read now
    ├── StoreBusyError          somebody else holds it
    └── StoreRefusedError       refused for safety; nothing was changed
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one file: where it is, what it is, and what to do about it.

    `line` and `column` count from 1; `code` is stable and documented (`E104`).
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        head = f"{self.path}:{self.line}:{self.column}: {self.code} {self.message}"
        return f"{head}\n  hint: {self.hint}" if self.hint else head


class GtmError(Exception):
    """An error with a stable code, one sentence, and a hint that says what to do next."""

    exit_code = 5
    code = "E500"

    def __init__(self, message: str, *, hint: str = "", where: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where
        if code:
            self.code = code

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.code} {self.message}"


class UsageError(GtmError):
    """An argument, an option or a setting is wrong."""

    exit_code = 2
    code = "E200"


class DirectiveError(GtmError):
    """Directives that do not hold; `problems` has every one of them, in file order."""

    exit_code = 2
    code = "E100"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = len(problems)
        super().__init__(
            f"{count} problem{'s' if count != 1 else ''} in the directives",
            hint="run `gtm check` and mend what it names",
        )
        self.problems = problems


class DataError(GtmError):
    """A directive that holds by itself and fails on the data. What was worked out before it stays."""

    exit_code = 2


class SourceError(GtmError):
    """A vendor could not be read. `where` is `source/stream`."""

    exit_code = 3
    code = "E300"


class CredentialsError(SourceError):
    """The key is missing, refused, expired, or lacks a scope."""

    code = "E310"


class VendorError(SourceError):
    """The vendor answered no, and asking again will not help."""

    code = "E320"


class NetworkError(SourceError):
    """The vendor could not be reached, or did not answer in time, however often asked."""

    code = "E330"


class PageError(SourceError):
    """An answer was not whole, valid UTF-8 JSON with the records where the directive says."""

    code = "E340"


class LoopError(SourceError):
    """A cursor that does not advance: following it would never end."""

    code = "E350"


class FileError(SourceError):
    """A file that a source reads is not there, or not what its directive says. `where` is `path:line`."""

    code = "E375"


class StoreError(GtmError):
    """The store cannot be written or read now."""

    exit_code = 4
    code = "E400"


class StoreBusyError(StoreError):
    """Another process holds the store longer than the caller would wait."""

    code = "E410"


class StoreRefusedError(StoreError):
    """Refused for safety; nothing was changed."""

    code = "E420"
