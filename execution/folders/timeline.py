"""`timeline.md`: everything that happened with an account, the newest first, by month."""

from collections.abc import Sequence
from itertools import groupby

from execution.files.quoting import code, inline
from execution.folders.entries import Entry, Story
from execution.folders.wording import Tongue, line, people

NAME = "timeline"


def block(name: str, key: str, story: Story, tongue: Tongue) -> str:
    """The text of the managed block. `name` is the account's, `key` what it is found by."""
    lines = [f"# {inline(name)}: what happened", ""]
    if story.coming:
        lines += ["## To come", "", *(f"- {_coming(entry, tongue)}" for entry in story.coming), ""]
    lines += by_month(story.past, tongue) or ["Nothing is known to have happened yet."]
    if story.older:
        lines += ["", f"… {story.older:,} older, see {code(f'gtm timeline {key} --all')}"]
    return "\n".join(lines) + "\n"


def by_month(entries: Sequence[Entry], tongue: Tongue) -> list[str]:
    """A heading for each month, and a line for each entry with its day."""
    lines: list[str] = []
    for month, those in groupby(entries, key=lambda entry: f"{tongue.local(entry.at):%B %Y}"):
        lines += ["", f"## {month}", ""] if lines else [f"## {month}", ""]
        lines += [f"- **{tongue.local(entry.at):%Y-%m-%d}** {line(entry, tongue)}" for entry in those]
    return lines


def _coming(entry: Entry, tongue: Tongue) -> str:
    host = f"; host {tongue.person(entry.host)}" if entry.host else ""
    whom = f", with {people(entry.who)}" if entry.who else ""
    return f"**{tongue.local(entry.at):%Y-%m-%d %H:%M}** {inline(entry.title)}{whom}{host}"
