"""`deliver:` of a report: where it goes once it is finished."""

import re
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from execution.directives.model.shape import Name, Shape, UnfitError

USER = "user"
"""The recipient who is the person that a report is of."""

OWN_PLACES = ("reporting", "personal")
"""The folders of a workspace that reports may be put into."""

_ADDRESS = re.compile(r"[^\s<>,;@]+@[^\s<>,;@]+\.[^\s<>,;@]+")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LINK = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~/-]*)?")
_ROOM = re.compile(r"#[^\s#@<>]{1,80}|[CG][A-Z0-9]{2,}")


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _inside(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or ":" in text or text.startswith("~"):
        raise UnfitError(
            f"'{text[:80]}' is no folder below another",
            hint="name one of the workspace, as in reporting/shared; one outside is a channel, after via:",
        )
    return path.as_posix()


def _recipient(text: str) -> str:
    if not _NAME.fullmatch(text) and not _ADDRESS.fullmatch(text):
        raise UnfitError(f"'{text[:60]}' is neither a name nor an address", hint="write ada_okoye or ada@example.com")
    return text.lower()


def _link(text: str) -> str:
    if not _LINK.fullmatch(text):
        raise UnfitError(f"'{text[:80]}' is no https address of a folder", hint="write https://reports.example.com/gtm")
    return text.rstrip("/")


def _room(text: str) -> str:
    if not _ROOM.fullmatch(text):
        raise UnfitError(
            f"'{text[:60]}' is no channel of Slack", hint='write "#sales", in quotes, or an id as in C0123ABCD'
        )
    return text


Format = Literal["html", "pdf", "md"]
Link = Annotated[str, AfterValidator(_link)]


class ToFile(Shape):
    """A file in the folder `path`: of the workspace, or below that of the channel `via` (a `folder` of the routing)."""

    to: Literal["file"]
    path: Annotated[str, AfterValidator(_inside)] = ""
    format: Format = "html"
    via: Name | None = None


class ToMail(Shape):
    """A mail to people, groups or addresses of the team, and to `user`, whose report it is: the first lines, the
    report itself attached. `link` is where its file can be read in a browser."""

    to: Literal["mail"]
    recipients: Annotated[
        tuple[Annotated[str, AfterValidator(_recipient)], ...], BeforeValidator(_listed), Field(min_length=1)
    ]
    format: Format = "html"
    via: Name | None = None
    link: Link | None = None


class ToSlack(Shape):
    """A message in a channel of Slack with the report's first lines, and where the whole is: `link`, or its file."""

    to: Literal["slack"]
    channel: Annotated[str, AfterValidator(_room)]
    via: Name | None = None
    link: Link | None = None


Delivery = Annotated[ToFile | ToMail | ToSlack, Field(discriminator="to")]
