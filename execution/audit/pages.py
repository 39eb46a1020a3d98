"""What Markdown files link to and what gtm generated into them; and the checks of both."""

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from execution.audit.facts import Facts, Finding, Link, Page, Unknown
from execution.files import managed

_MARKER = re.compile(r"^<!--\s*gtm:(?:begin|end)\s+(\S+)", re.MULTILINE)
_FIRST = re.compile(r"<!-- gtm:begin (?P<name>\S+) (?P<key>\S+) [0-9a-f]{16} from [0-9a-f]{16} -->\n")
_FENCED = re.compile(r"^[ >]*(`{3,}|~{3,}).*?(?:^[ >]*\1[`~]*[ ]*$|\Z)", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(`+)[^`\n]{1,1000}?\1(?!`)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LINK = re.compile(r"(?<!\\)\[(?:\\.|[^\[\]\\\n]){0,300}\]\(\s*<?([^\s()<>]{1,500})>?(?:\s+\"[^\"\n]{0,200}\")?\s*\)")
_DEFINED = re.compile(r"^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*<?([^\s<>]{1,500})>?", re.MULTILINE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def page_of(path: str, text: str) -> Page:
    """A Markdown file of the workspace, by its path there."""
    if (whole := _only_generated(text)) is not None:
        return Page(path, key=whole)
    marker = _MARKER.search(text)
    if marker is None:
        return Page(path, _links(path, text))
    try:
        found = managed.parse(text, marker[1])
    except managed.Broken as broken:
        return Page(path, broken=(broken.line, broken.reason))
    if found is None:
        return Page(path, _links(path, text))
    # What gtm wrote is not anybody's to mend; its place is kept, so that lines are those of the file.
    bare = found.before + "\n" * (text.count("\n") - found.before.count("\n") - found.after.count("\n")) + found.after
    return Page(path, _links(path, bare), found.key)


def _only_generated(text: str) -> str | None:
    """Whose file it is, where it has nothing but one whole block, as most have; None where that takes a closer look."""
    if not text.startswith("<!-- gtm:begin ") or text.count("<!-- gtm:") != 2 or not text.endswith(" -->\n"):
        return None
    begin, end = _FIRST.match(text), text.rfind("<!-- gtm:end ")
    if begin is None or text[end - 1] != "\n" or text[end:] != f"<!-- gtm:end {begin['name']} -->\n":
        return None
    return unquote(begin["key"])


def _links(path: str, text: str) -> tuple[Link, ...]:
    if "](" not in text and "]:" not in text:
        return ()
    bare = text
    for passed_over in (_FENCED, _COMMENT, _SPAN):
        bare = passed_over.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), bare)
    found = [*_LINK.finditer(bare), *_DEFINED.finditer(bare)]
    return tuple(link for match in sorted(found, key=lambda each: each.start()) for link in _link(path, bare, match))


def _link(path: str, text: str, match: re.Match[str]) -> Iterator[Link]:
    written = match[1]
    target = unquote(written.partition("#")[0].partition("?")[0])
    if not target or _SCHEME.match(written) or written.startswith("//") or not target.isprintable():
        return
    leads_to = normpath(target.lstrip("/") if target.startswith("/") else join(dirname(path), target))
    is_outside = leads_to == ".." or leads_to.startswith("../")
    yield Link(text.count("\n", 0, match.start()) + 1, written, None if is_outside else leads_to)


def broken_links(facts: Facts) -> Iterator[Finding]:
    for page in facts.pages:
        for link in page.links:
            if link.leads_to is None:
                hint = "a link here leads to a file of the workspace, or to the web"
                yield Finding(f"the link {link.written} leads out of the workspace", hint, page.path, link.line)
            elif link.leads_to != "." and link.leads_to not in facts.files and link.leads_to not in facts.folders:
                hint = "mend the link, or take it out"
                yield Finding(f"the link {link.written} leads nowhere", hint, page.path, link.line)


def broken_markers(facts: Facts) -> Iterator[Finding]:
    for page in facts.pages:
        if page.broken is not None:
            line, reason = page.broken
            hint = "mend the markers, or delete them with all between them; the block is then written anew"
            yield Finding(reason, hint, page.path, line)


def conflicts_left(facts: Facts) -> Iterator[Finding]:
    for file in sorted(facts.files):
        if file.endswith(".generated.md"):
            edited = file.removesuffix(".generated.md") + ".md"
            hint = f"move your words in {edited} below the end marker, then delete its block, and run `gtm context`"
            yield Finding("a generated block was edited, and the new one lies beside it", hint, file)


def briefs_behind(facts: Facts) -> Iterator[Finding] | Unknown:
    if isinstance(facts.published, Unknown):
        return facts.published
    if isinstance(facts.briefs_from, Unknown):
        return facts.briefs_from
    published, behind = facts.published, facts.briefs_from < facts.published.number
    if not behind or facts.now - published.published_at <= facts.policy.ages.briefs:
        return iter(())
    since = f"{published.published_at:%Y-%m-%d %H:%M} UTC"
    written = f"last written from publication {facts.briefs_from}" if facts.briefs_from else "not written yet"
    message = f"the briefs are {written}, and there is publication {published.number} since {since}"
    return iter([Finding(message, "run `gtm context`, or have a schedule with the step context", "customers")])
