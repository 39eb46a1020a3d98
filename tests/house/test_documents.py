"""Documents that people are led by: every link leads somewhere, every command they name is one, and none is filler."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import pytest
from click import Command
from typer.main import get_command

from execution.bootstrap import drafts
from execution.cli.root import app
from execution.cli.verbs import VERBS
from execution.directives import Program, read_folder
from execution.runs.checked import program_of
from execution.workspace import Workspace

ROOT = Path(__file__).parents[2]
FOLDERS = ("sales-toolkit", "customers/workflows", "workspace-setup", "personal", "directives")
DRAFTED = "customers/acme/drafts/2026-01-01_draft.md"
"""Where a draft is saved, from where its links lead on."""

_LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(<?([^)\s>]+)>?\)")
_CODE = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^(`{3,}|~{3,})([^\n]*)\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*") if file.suffix in (".md", ".j2")]
    return sorted(file for file in files if "decisions" not in file.parts)


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """The text without its fenced blocks, and without what Jinja takes for itself."""
    return re.sub(r"\{#.*?#\}", "", _FENCE.sub("", text), flags=re.DOTALL)


def is_draft(file: Path) -> bool:
    return name(file).startswith("sales-toolkit/templates/") and file.suffix == ".j2"


@pytest.mark.parametrize("file", documents(), ids=name)
def test_every_link_leads_somewhere(file: Path) -> None:
    """Also from where a draft is saved, and to a heading that is there."""
    at = ROOT / DRAFTED if is_draft(file) else file
    for link in _LINK.findall(prose(file.read_text(encoding="utf-8"))):
        path, _, heading = unquote(link).partition("#")
        if "://" in link or link.startswith(("gtm:", "mailto:")) or not path:
            continue
        target = (at.parent / PurePosixPath(path)).resolve()
        assert target.exists(), f"{name(file)} links {link}"
        assert target.is_relative_to(ROOT), f"{name(file)} links out of the workspace: {link}"
        if heading:
            there = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in there}
            assert heading in slugs, f"{name(file)} links {link}"


def test_a_new_workspace_has_all_that_its_documents_link(made: Path) -> None:
    lost = []
    for file in sorted(made.rglob("*.md")):
        for link in _LINK.findall(prose(file.read_text(encoding="utf-8"))):
            path = unquote(link).partition("#")[0]
            if (
                "://" not in link
                and not link.startswith("gtm:")
                and path
                and not (file.parent / PurePosixPath(path)).resolve().exists()
            ):
                lost.append(f"{file.relative_to(made).as_posix()} → {link}")
    assert lost == []


@cache
def verb(word: str) -> Command:
    """The command of a verb, as the command line has it."""
    found: Command = get_command(app).get_command(None, word)  # type: ignore[attr-defined]
    return found


def commands(text: str) -> Iterator[list[str]]:
    """Every call of gtm that a text has as code, in words; what is quoted is one word, what follows `&&` another."""
    lines = [code for code in _CODE.findall(prose(text)) if code.startswith("gtm ")]
    for _, kind, block in _FENCE.findall(text):
        if not kind.strip():
            lines += [line for line in block.splitlines() if line.startswith(("gtm ", "$ gtm "))]
    for line in lines:
        for call in re.split(r"&&|\||;", line.removeprefix("$ ").partition("  #")[0]):
            words = re.findall(r'"[^"]*"|\'[^\']*\'|\S+', call.strip())
            if words[:1] == ["gtm"]:
                yield words[1:]


@pytest.mark.parametrize("file", [each for each in documents() if not name(each).startswith("directives/")], ids=name)
def test_every_command_that_a_document_names_is_one(file: Path) -> None:
    """Its verb, what stands below the verb, and each of its options."""
    for words in commands(file.read_text(encoding="utf-8")):
        rest = words[2:] if words[:1] in (["-w"], ["--workspace"]) else words
        assert rest[0] in VERBS, f"{name(file)}: gtm {' '.join(words)}"
        command = verb(rest[0])
        below = getattr(command, "commands", {})
        if below and len(rest) > 1 and rest[1] in below:
            command = below[rest[1]]
        elif below and len(rest) > 1 and not rest[1].startswith("-"):
            assert getattr(command, "invoke_without_command", False), f"{name(file)}: gtm {' '.join(words)}"
        options = {option for each in command.params for option in each.opts} | {"--json", "-w", "--workspace"}
        for word in rest[1:]:
            if word.startswith("--"):
                assert word.partition("=")[0] in options, f"{name(file)}: gtm {' '.join(words)}"


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of(Workspace(ROOT), read_folder(ROOT))


def test_journeys_drafts_and_checks_that_documents_name_are_there(program: Program) -> None:
    kinds = {each.kind for each in drafts.kinds(Workspace(ROOT))}
    for file in documents():
        for words in commands(file.read_text(encoding="utf-8")):
            if words[:1] == ["draft"] and len(words) > 1 and words[1] not in ("KIND", "--list"):
                assert words[1] in kinds, f"{name(file)}: gtm {' '.join(words)}"
            if words[:1] == ["journey"] and len(words) > 1 and words[1] != "NAME":
                assert words[1] in program.journeys, f"{name(file)}: gtm {' '.join(words)}"
                if "--stage" in words and words[-1] != "STAGE":
                    assert words[words.index("--stage") + 1] in program.journeys[words[1]].groups, name(file)


def test_every_journey_has_its_workflow() -> None:
    pages = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "customers" / "workflows").glob("*.md"))
    for journey in (ROOT / "directives" / "journeys").glob("*.md"):
        assert f"journeys/{journey.name}" in pages, f"no workflow names {journey.name}"


PARTS = ("directives/", "workspace-setup/integrations/", "workspace-setup/agents/standing-rules.md")
"""What is told elsewhere how to read, or is a part of other pages."""
OWN = [file for file in documents() if not name(file).startswith(PARTS)]


@pytest.mark.parametrize("file", [file for file in OWN if file.suffix == ".md"], ids=name)
def test_a_document_says_what_it_is_for_and_is_no_filler(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# "), f"{name(file)} has no title"
    assert not re.search(r"(?i)lorem|\btodo\b|\btbd\b(?!\")|coming soon|your company", text), name(file)
    if name(file).startswith(
        ("sales-toolkit/", "customers/workflows/", "workspace-setup/compl", "workspace-setup/proc")
    ):
        opening = text.split("\n## ")[0]
        assert re.search(r"\b[Ff]or\b|\bHow\b|\bWhat\b|Owner:", opening), f"{name(file)} does not say for whom it is"


def test_no_two_documents_say_the_same() -> None:
    """A paragraph that stands in two of them would be mended in one."""
    seen: dict[str, str] = {}
    for file in OWN:
        for paragraph in re.split(r"\n\s*\n", prose(file.read_text(encoding="utf-8"))):
            flat = " ".join(paragraph.split())
            if len(flat) > 160:
                assert flat not in seen, f"{name(file)} repeats {seen[flat]}: {flat[:80]}"
                seen[flat] = name(file)


@pytest.mark.parametrize("file", sorted((ROOT / "personal").rglob("*.j2")), ids=name)
def test_the_templates_of_a_day_parse_and_hold_without_any_fact(file: Path) -> None:
    from execution.context import templates

    lists = (
        "news", "priorities", "outreach", "waiting", "stale_deals", "promised", "done", "meetings", "due_tomorrow",
        "goals", "won", "lost", "moved", "saved", "over_time", "next_week",
    )  # fmt: skip
    known = {"user": {"name": "Uma *Iqbal*"}, "day": "2026-03-02", "week": "2026-W10", "open_alerts": 0}
    text = templates.render(templates.load(file), file, known | dict.fromkeys(lists, ()))
    assert "Uma \\*Iqbal\\*" in text
    assert "not captured" not in text
    if file.name.startswith("morning"):
        parts = ["Morning brief", "Priority actions", "Customer outreach", "Internal meetings", "Pipeline updates",
                 "Follow-ups", "Daily report", "Tomorrow's plan"]  # fmt: skip
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == parts
