"""Text that came from outside, made harmless: it is data for whoever reads it, never a link, markup or an instruction.

Everything a template prints passes through here (`finalize` in `templates`), so nobody can forget it.
"""

import re
import unicodedata
from functools import lru_cache

LONGEST = 200
"""Characters of one piece of text; more is cut with an ellipsis."""

_REMEMBERED = 1 << 15
"""Texts whose harmless form is kept: names and titles come again and again."""

_SCHEME = re.compile(r"(?i)\bhttp(s?)://")
_OTHER_SCHEME = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*)://")
_BARE_SCHEME = re.compile(r"(?i)\b(javascript|vbscript|mailto|xmpp):")
_WWW = re.compile(r"(?i)\bwww\.")
_AT = re.compile(r"(?<=[\w.+-])@(?=[\w-]+\.)")
_MARKUP = re.compile(r"([\\`*\[\]|~$])|(?<![^\W_])(_)|(_)(?![^\W_])")
_LEADING = re.compile(r"^(?=[#>+=-])|(?<=^\d)(?=[.)](?:\s|$))|(?<=^\d\d)(?=[.)](?:\s|$))")
_FENCE = re.compile(r"`{3,}|~{3,}")


class Markdown(str):
    """Text that is meant as Markdown: made by us, of harmless parts."""

    __slots__ = ()


_UNKNOWN = Markdown("not captured")


def plain(text: str, longest: int = LONGEST) -> str:
    """One line without control, direction or invisible characters, whose links and addresses lead nowhere."""
    return _plain(text[: longest * 8], longest)


@lru_cache(maxsize=_REMEMBERED)
def _plain(text: str, longest: int) -> str:
    line = " ".join(_seen(unicodedata.normalize("NFC", text)).split())
    line = _OTHER_SCHEME.sub(r"\1[:]//", _SCHEME.sub(r"hxxp\1[:]//", line))
    line = _WWW.sub("www[.]", _BARE_SCHEME.sub(r"\1[:]", line))
    line = _AT.sub("(at)", line)
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _seen(text: str) -> str:
    """The text without what cannot be seen: controls, direction marks, lone surrogates; white space becomes blanks."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)


def inline(value: object, longest: int = LONGEST) -> Markdown:
    """Any value as a piece of Markdown text that renders as itself."""
    if isinstance(value, Markdown):
        return value
    if value is None:
        return _UNKNOWN
    if not isinstance(value, str):
        return Markdown(str(value))
    return _inline(value[: longest * 8], longest)


@lru_cache(maxsize=_REMEMBERED)
def _inline(text: str, longest: int) -> Markdown:
    line = _plain(text, longest).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markdown(_LEADING.sub(r"\\", _MARKUP.sub(lambda match: "\\" + match[0], line)))


def code(value: object) -> Markdown:
    """An address or an id as a code span: shown as it is, never a link."""
    if value is None:
        return _UNKNOWN
    text = _seen(str(value)[:LONGEST]).replace("`", "'").replace("|", "¦").strip()
    return Markdown(f"`{text}`") if text else _UNKNOWN


def fenced(lines: list[str], longest: int = LONGEST) -> Markdown:
    """What people outside wrote, line by line, in a block that nothing in it can close."""
    return Markdown("\n".join(["```text", *(inside(line, longest) for line in lines), "```"]))


def inside(line: str | None, longest: int = LONGEST) -> Markdown:
    """What people outside wrote as one line of such a block: nothing in it can close the block or begin a comment."""
    if not line:
        return Markdown("")
    return Markdown(_FENCE.sub("'''", plain(line, longest)).replace("<!--", "<! --"))
