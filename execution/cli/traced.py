"""How it reads where the values behind a score come from: what gives each, its line, its records and their sync."""

from typing import TYPE_CHECKING

from execution.cli.lines import WIDTH, cut, paragraph, value_text
from execution.cli.printing import say

if TYPE_CHECKING:
    from execution.health.explain import Explanation
    from execution.health.records import Record, Trace
    from execution.health.sources import Value


def print_values(found: "Explanation") -> None:
    say("  where it comes from")
    shown: set[str] = set()
    traced: dict[tuple[Record, ...], str] = {}
    for part in found.parts:
        names = [name for name in part.facts if name in found.values and name not in shown]
        if not names or (part.kind == "penalty" and not part.milli):
            continue
        say(f"  {cut(part.label, 60).rstrip()}")
        for name in names:
            shown.add(name)
            _print_value(found.values[name], traced)


def _print_value(value: "Value", shown: "dict[tuple[Record, ...], str]") -> None:
    said = f"not known: {value.unknown}" if value.unknown else f"{value_text(value.value)}{_unit(value.unit)}"
    paragraph(f"{value.name} = {said}" if not value.unknown else f"{value.name} {said}", "    ")
    reads = f", of {', '.join(value.reads)}" if value.reads else ""
    paragraph(f"{value.kind}, {value.line}{reads}", "      ")
    for trace in value.traces:
        _print_trace(trace, value.name, shown)


def _unit(unit: str | None) -> str:
    if not unit or unit in ("yes or no", "UTC"):
        return ""
    return f" {unit}" if unit[0].isalpha() else f" ({unit})"


def _print_trace(trace: "Trace", name: str, shown: "dict[tuple[Record, ...], str]") -> None:
    synced = f", synced {trace.synced_at:%Y-%m-%d %H:%M}" if trace.synced_at else ""
    paragraph(f"{trace.source} {trace.kind} ({', '.join(trace.fields)}){synced}", "      ")
    if other := shown.get(trace.records):
        say(f"        the same as those of {other}")
        return
    shown[trace.records] = name
    for record in trace.records:
        say(cut(f"        {_record(record)}", WIDTH).rstrip())
    if trace.count > len(trace.records):
        say(f"        and {trace.count - len(trace.records)} more")


def _record(record: "Record") -> str:
    from execution.files.quoting import plain

    at = f"{record.at:%Y-%m-%d} " if record.at else ""
    key = record.key if len(record.key) <= 44 else f"…{record.key[-43:]}"
    return f"{at}{key}" + (f"  {plain(record.title)}" if record.title else "")
