"""`customers/INDEX.md`: the accounts by owner, with health, revenue, renewal, next call and alerts.

With more accounts than the settings allow for one page it has a line per owner, and each owner a page in `index/`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from execution.context.slugs import short_hash, slug
from execution.files.managed import AS_OF
from execution.files.quoting import inline
from execution.folders.accounts import Filed
from execution.folders.wording import Tongue, money

NAME = "index"
KEY = "customers"
NOBODY = "no owner captured"
FILES = (("brief", "context/compact.md"), ("timeline", "timeline.md"), ("tasks", "tasks.md"), ("account", "account.md"))
GRAVITY = ("critical", "high", "medium", "low")

_LEVELS = "▁▂▃▄▅▆▇█"
_UNKNOWN = "·"
_ARCHIVED = 20


@dataclass(frozen=True, slots=True)
class Row:
    """An account on the index: its folder, how its health went (0 to 100, None where not known), and how many alerts
    are open by severity."""

    account: Filed
    folder: str
    trend: tuple[Decimal | None, ...] = ()
    alerts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A file below `customers/`, and the text of its block."""

    path: str
    text: str


def pages(rows: Sequence[Row], archived: Sequence[str], most: int, tongue: Tongue, as_of: datetime) -> list[Page]:
    """The index, and a page for each owner where it would be too long."""
    by_owner: dict[str, list[Row]] = {}
    for row in sorted(rows, key=_order):
        by_owner.setdefault(row.account.owner or "", []).append(row)
    owners = sorted(by_owner, key=lambda owner: (not owner, owner.casefold(), owner))
    moment = f"{as_of.astimezone(tongue.zone):%Y-%m-%d %H:%M} {tongue.zone.key}"
    stamp = f"{AS_OF}{moment}, when a fact in this block last changed."
    head = ["# Accounts", "", stamp, "", *_totals(rows, tongue)]
    if len(rows) <= most:
        body = [line for owner in owners for line in ["", *_section(owner, by_owner[owner], "", tongue)]]
        return [Page("INDEX.md", _text([*head, *body, *_archive(archived)]))]
    files = _owner_files(owners)
    table = _table(
        ("Owner", "Accounts", "MRR", "Health", "Open alerts"),
        ([_owner_link(owner, files[owner]), *_summary(by_owner[owner], tongue)] for owner in owners),
    )
    found = [Page("INDEX.md", _text([*head, "", *table, *_archive(archived)]))]
    for owner in owners:
        lines = [*_section(owner, by_owner[owner], "../", tongue, level=1), "", "[All accounts](../INDEX.md)"]
        found.append(Page(files[owner], _text([lines[0], "", stamp, *lines[1:]])))
    return found


def emptied(pages: Iterable[Page], there: Iterable[str]) -> list[Page]:
    """What the pages of owners say who have none any more; they are not removed, for people may have written there."""
    wanted = {page.path for page in pages}
    text = "# Accounts\n\nNo account is listed here any more. [All accounts](../INDEX.md)\n"
    return [Page(path, text) for path in there if path not in wanted and not path.endswith(".generated.md")]


def sparkline(values: Iterable[Decimal | None]) -> str:
    """`▁▃▅`: a bar for each value from 0 to 100, a dot where it is not known; empty where none is."""
    levels = len(_LEVELS)
    bars = [_UNKNOWN if v is None else _LEVELS[min(int(v * levels / 100), levels - 1)] for v in values]
    return "".join(bars) if any(bar != _UNKNOWN for bar in bars) else ""


def _order(row: Row) -> tuple[bool, Decimal, str, str]:
    score = row.account.health_score
    return (score is None, score or Decimal(0), row.account.name.casefold(), row.account.key)


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"


# --- what is said of many -----------------------------------------------------------------------


def _totals(rows: Sequence[Row], tongue: Tongue) -> list[str]:
    owned = sum(row.account.owner is not None for row in rows)
    renewing = sum(row.account.renewal_date is not None for row in rows)
    booked = sum(row.account.next_call_at is not None for row in rows)
    return [
        f"- **Accounts:** {len(rows):,}; an owner is captured of {owned:,}",
        f"- **MRR:** {_sum(rows, tongue)}",
        f"- **Health:** {_bands(rows)}",
        f"- **Renewal:** the day is captured of {renewing:,} of {len(rows):,}; a next call is booked with {booked:,}",
        f"- **Open alerts:** {_alerts(rows) or 'none'}",
    ]


def _sum(rows: Sequence[Row], tongue: Tongue) -> str:
    known = [row.account.mrr for row in rows if row.account.mrr is not None]
    if not known:
        return inline(None)
    of = "" if len(known) == len(rows) else f" (known of {len(known):,} of {len(rows):,} accounts)"
    return f"{money(sum(known, Decimal(0)), tongue.currency)}{of}"


def _bands(rows: Sequence[Row]) -> str:
    counted = Counter(row.account.health_band for row in rows)
    named = sorted((band for band in counted if band is not None), key=lambda band: (-counted[band], band))
    parts = [f"{counted[band]:,} {inline(band.replace('_', ' '))}" for band in named]
    unknown = [f"too little is known of {counted[None]:,}"] if counted[None] else []
    return ", ".join([*parts, *unknown]) or "nobody"


def _alerts(rows: Sequence[Row]) -> str:
    counted: Counter[str] = Counter()
    for row in rows:
        counted.update(row.alerts)
    return ", ".join(f"{counted[each]:,} {each}" for each in _gravest(counted))


def _gravest(alerts: Mapping[str, int]) -> list[str]:
    ranks = {severity: rank for rank, severity in enumerate(GRAVITY)}
    return sorted((each for each in alerts if alerts[each]), key=lambda each: (ranks.get(each, len(ranks)), each))


def _summary(rows: Sequence[Row], tongue: Tongue) -> list[str]:
    return [f"{len(rows):,}", _sum(rows, tongue), _bands(rows), _alerts(rows) or "none"]


def _archive(archived: Sequence[str]) -> list[str]:
    if not archived:
        return []
    links = [f"[{inline(each)}](.archive/{quote(each)}/ARCHIVED.md)" for each in archived[:_ARCHIVED]]
    more = [f"… {len(archived) - _ARCHIVED:,} more in .archive/"] if len(archived) > _ARCHIVED else []
    said = "Accounts that are gone or were merged; nothing in their folders was removed."
    return ["", "## Archived", "", said, "", ", ".join([*links, *more])]


# --- what is said of each -----------------------------------------------------------------------


def _section(owner: str, rows: Sequence[Row], up: str, tongue: Tongue, *, level: int = 2) -> list[str]:
    title = inline(owner) if owner else NOBODY.capitalize()
    subtotal = f"{len(rows):,} account{'s' if len(rows) != 1 else ''}; MRR {_sum(rows, tongue)}; {_bands(rows)}"
    table = _table(
        ("Account", "Health", "12 weeks", "MRR", "Renewal", "Next call", "Alerts", "Files"),
        (_cells(row, up, tongue) for row in rows),
    )
    return [f"{'#' * level} {title}", "", subtotal, "", *table]


def _cells(row: Row, up: str, tongue: Tongue) -> list[str]:
    account = row.account
    base = f"{up}{quote(row.folder)}"
    calls = f"{tongue.local(account.next_call_at):%Y-%m-%d %H:%M}" if account.next_call_at else None
    none_booked = "none booked" if account.is_calendar_known else inline(None)
    return [
        f"[{inline(account.name)}]({base}/{FILES[0][1]})",
        _health(account),
        sparkline(row.trend) or inline(None),
        money(account.mrr, tongue.currency),
        f"{account.renewal_date:%Y-%m-%d}" if account.renewal_date else inline(None),
        calls or none_booked,
        ", ".join(f"{row.alerts[each]} {each}" for each in _gravest(row.alerts)) or "none",
        " · ".join(f"[{name}]({base}/{file})" for name, file in FILES[1:]),
    ]


def _health(account: Filed) -> str:
    if account.health_score is None or account.health_band is None:
        return inline(None) if account.health_score is None else "not enough data"
    return f"{account.health_score:.1f}, {inline(account.health_band.replace('_', ' '))}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(cells)} |" for cells in rows),
    ]


def _owner_files(owners: Sequence[str]) -> dict[str, str]:
    """Owner → the page of theirs; those whose names come to one slug are told apart."""
    slugs = {owner: slug(owner) or "nobody" for owner in owners}
    shared = Counter(slugs.values())
    return {
        owner: f"index/{each}.md" if shared[each] == 1 else f"index/{each}-{short_hash(owner)}.md"
        for owner, each in slugs.items()
    }


def _owner_link(owner: str, file: str) -> str:
    return f"[{inline(owner) if owner else NOBODY.capitalize()}]({quote(file)})"
