"""A program → the pages about it: the index of its directives, and the catalogue of all that they define.

Pure, and told by the directives alone: the same ones give the same text, wherever and whenever.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from execution.directives import Program
from execution.directives.model import (
    KINDS,
    Directive,
    Entity,
    EntityColumn,
    Health,
    Measures,
    Outcome,
    Playbook,
    Report,
    Segment,
    Trigger,
)
from execution.directives.reading import PERSONAL
from execution.docs.markdown import cell, code, link, table

INDEX, CATALOGUE = "directives/README.md", "directives/CATALOGUE.md"


def pages(program: Program) -> dict[str, str]:
    """What stands between the markers of each page, by its path in the workspace. A person's own rules are theirs, and
    stand in no page that all share."""
    shared = {name: each for name, each in program.triggers.items() if not each.path.startswith(PERSONAL)}
    program = replace(program, triggers=shared)
    return {INDEX: index(program), CATALOGUE: catalogue(program)}


def index(program: Program) -> str:
    """One line per directive: what it is, and where."""
    by_kind: dict[str, list[Directive]] = {kind: [] for kind in KINDS}
    for directive in sorted(program.directives(), key=lambda each: each.path):
        by_kind.setdefault(directive.kind, []).append(directive)
    rows = [
        (f"`{each.kind}`", f"`{each.name}`", line_of(each), link(each.path)) for of in by_kind.values() for each in of
    ]
    return _joined(table(("kind", "name", "what it is", "where"), rows))


def line_of(directive: Directive) -> str:
    """What a directive is, in its own words."""
    match directive:
        case Segment() | Trigger() | Playbook() if directive.meaning:
            return directive.meaning
        case Report():
            return " for ".join(part for part in (directive.title, directive.audience) if part)
        case _:
            return directive.description or directive.title


def catalogue(program: Program) -> str:
    """Everything that the directives define, kind by kind."""
    parts = {
        "Sources": _sources(program),
        "Entities": _entities(program),
        "Measures": _measures(program),
        "Segments": _segments(program),
        "Journeys": _journeys(program),
        "Scores": _scores(program),
        "Revenue": _revenue(program),
        "Outcomes": _outcomes(program),
        "Triggers": _triggers(program),
        "Playbooks": _playbooks(program),
        "Team": _team(program),
        "Routing": _routing(program),
        "Reports": _reports(program),
        "Sections of reports": _sections(program),
        "Schedules": _schedules(program),
        "Everything else": _others(program),
    }
    lines: list[str] = []
    for title, part in parts.items():
        body = list(part)
        if body:
            lines += [f"## {title}", *body, ""]
    return _joined(lines)


def _joined(lines: Iterable[str]) -> str:
    """One text, with one empty line where there are several."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _heading(directive: Directive, *facts: str) -> list[str]:
    """A directive's own heading, where it stands, and its facts."""
    said = [f"`{directive.name}`", directive.title] if directive.title else [f"`{directive.name}`"]
    about = [link(directive.path), *(fact for fact in facts if fact)]
    if directive.owner:
        about.append(f"owner: {cell(directive.owner)}")
    lines = [f"### {': '.join(said)}", "", " · ".join(about), ""]
    return [*lines, cell(directive.description), ""] if directive.description else lines


def _sources(program: Program) -> Iterator[str]:
    sources = {**program.sources, **program.labelled}
    rows = [
        (code(each.name), each.title, each.enabled, ", ".join(each.streams), ", ".join(each.feeds), each.owner,
         link(each.path))
        for each in (sources[name] for name in sorted(sources))
    ]  # fmt: skip
    yield from table(("source", "title", "enabled", "streams", "feeds", "owner", "where"), rows)


def _entities(program: Program) -> Iterator[str]:
    for entity in (program.entities[name] for name in sorted(program.entities)):
        yield from _heading(entity, f"key: `{entity.key}`", f"rows: {entity.rows}")
        yield from _columns(entity)
        yield ""


def _columns(entity: Entity) -> list[str]:
    rows = [
        (code(name), column.type, column.unit, ", ".join(column.sources), column.meaning, _unless(column.null))
        for name, column in entity.columns.items()
    ]
    return table(("column", "type", "unit", "from", "meaning", "empty means"), rows)


def _unless(null: str) -> str:
    """What an empty value means, where it is more than that it is not captured."""
    return null if null != EntityColumn.model_fields["null"].default else ""


def _measures(program: Program) -> Iterator[str]:
    for directive in (program.measures[name] for name in sorted(program.measures)):
        yield from _heading(directive, f"of `{directive.entity}`")
        yield from _measured(directive)
        yield ""


def _measured(directive: Measures) -> list[str]:
    rows: list[tuple[str, ...]] = [
        (code(name), each.type, each.unit, each.meaning, each.null if name not in directive.otherwise else "never")
        for name, each in directive.measures.items()
    ]
    aliases = directive.aliases.items()
    rows += [(code(name), "alias", "", f"Another name of {code(meant)}", "") for name, meant in aliases]
    return table(("measure", "type", "unit", "meaning", "empty means"), rows)


def _segments(program: Program) -> Iterator[str]:
    for segment in (program.segments[name] for name in sorted(program.segments.keys() - program.journeys.keys())):
        yield from _heading(segment, f"of `{segment.entity}`")
        yield from (f"{cell(segment.meaning)}; empty means: {cell(segment.null)}.", "")
        rows = [(code(name), code(group.when), group.meaning) for name, group in segment.groups.items()]
        rows = rows or [(code(segment.name), code(segment.when or ""), "")]
        yield from table(("group" if segment.groups else "segment", "when", "meaning"), rows)
        yield ""


def _journeys(program: Program) -> Iterator[str]:
    for journey in (program.journeys[name] for name in sorted(program.journeys)):
        yield from _heading(journey, f"of `{journey.entity}`", f"where {code(journey.where)}" if journey.where else "")
        yield from (f"{cell(journey.meaning)}; empty means: {cell(journey.null)}.", "")
        rows = [
            (code(name), code(stage.when), stage.meaning, _length(stage.benchmark) if stage.benchmark else "",
             stage.owner, ", ".join(map(code, stage.actions)))
            for name, stage in journey.groups.items()
        ]  # fmt: skip
        yield from table(("stage", "when", "meaning", "usually", "sees to it", "on entry"), rows)
        yield ""
        asked = [
            (code(name), criterion.says, code(criterion.when or ""))
            for name, stage in journey.groups.items()
            for criterion in stage.exit
        ]
        yield from table(("stage", "is over once", "when"), asked)
        yield ""


def _scores(program: Program) -> Iterator[str]:
    for score in (program.health[name] for name in sorted(program.health)):
        facts = [f"of `{score.entity}`", f"version {score.version}", "primary" if score.primary else ""]
        yield from _heading(score, *facts)
        bands = ", ".join(f"{name} from {floor:g}" for name, floor in _by_floor(score))
        extra = f", {score.hysteresis:g} points past a threshold before it is left" if score.hysteresis else ""
        yield f"Bands: {bands}{extra}. No band where less than {score.coverage_floor:.0%} of the weight is known."
        for part in (_components(score), _penalties(score), _signals(score), _overrides(score)):
            if part:
                yield from ("", *part)
        yield ""


def _by_floor(score: Health) -> list[tuple[str, float]]:
    return sorted(score.bands.items(), key=lambda band: -band[1])


def _components(score: Health) -> list[str]:
    total = sum(component.weight for component in score.components.values())
    rows = [
        (code(name), component.label, component.weight, f"{component.weight / total:.1%}",
         ", ".join(map(code, component.needs)))
        for name, component in score.components.items()
    ]  # fmt: skip
    return table(("component", "title", "weight", "share", "needs"), rows)


def _penalties(score: Health) -> list[str]:
    rows = [(code(name), code(each.when), code(each.points), each.reason) for name, each in score.penalties.items()]
    return table(("penalty", "when", "points", "reason"), rows)


def _signals(score: Health) -> list[str]:
    rows = [
        (code(name), code(each.when), each.severity, each.churn_factor if each.churn_factor != 1 else "", each.message)
        for name, each in score.signals.items()
    ]
    return table(("signal", "when", "severity", "churn factor", "message"), rows)


def _overrides(score: Health) -> list[str]:
    rows = [
        (
            code(name),
            ", ".join(f"{part} {weight:g}" for part, weight in each.weights.items()),
            ", ".join(f"{band} from {floor:g}" for band, floor in each.bands.items()),
            "" if each.coverage_floor is None else f"{each.coverage_floor:.0%}",
        )
        for name, each in score.segments.items()
    ]
    return table(("for segment", "weights", "bands", "coverage floor"), rows)


def _revenue(program: Program) -> Iterator[str]:
    for directive in (program.revenue[name] for name in sorted(program.revenue)):
        yield from _heading(directive, f"counts: {', '.join(directive.counts)}")
        rows = [(code(name), each.unit, each.meaning, each.null) for name, each in directive.metrics.items()]
        yield from table(("figure", "unit", "meaning", "empty means"), rows)


def _outcomes(program: Program) -> Iterator[str]:
    rows = [_outcome(program.outcomes[name]) for name in sorted(program.outcomes)]
    yield from table(("outcome", "what it is", "of", "within", "foretold by", "where"), rows)


def _outcome(outcome: Outcome) -> tuple[object, ...]:
    within = _length(outcome.horizon)
    return (code(outcome.name), line_of(outcome), outcome.entity, within, outcome.foretold_by, link(outcome.path))


def _reports(program: Program) -> Iterator[str]:
    rows = [
        (code(each.name), each.title, each.audience, each.period.text, ", ".join(each.sections), link(each.path))
        for each in (program.reports[name] for name in sorted(program.reports))
    ]
    yield from table(("report", "title", "for", "period", "sections", "where"), rows)


def _sections(program: Program) -> Iterator[str]:
    used: dict[str, list[str]] = {}
    for report in (program.reports[name] for name in sorted(program.reports)):
        for name in report.sections:
            used.setdefault(name, []).append(code(report.name))
    rows = [
        (code(each.name), each.title, each.description, each.show, ", ".join(used.get(each.name, ())), link(each.path))
        for each in (program.sections[name] for name in sorted(program.sections))
    ]
    yield from table(("section", "title", "what it is", "shown as", "in", "where"), rows)


def _schedules(program: Program) -> Iterator[str]:
    rows = [
        (code(each.name), each.title, code(each.at), each.time_zone, each.enabled, ", ".join(each.steps),
         ", ".join(each.reports), link(each.path))
        for each in (program.schedules[name] for name in sorted(program.schedules))
    ]  # fmt: skip
    yield from table(("schedule", "title", "at", "time zone", "enabled", "steps", "reports", "where"), rows)


def _triggers(program: Program) -> Iterator[str]:
    rows = [
        (code(each.name), line_of(each), code(each.entity), each.severity, _rule(each),
         _length(each.lasting) if each.lasting else "", ", ".join(called.action for called in each.actions),
         each.status if each.status != "stable" else "", link(each.path))
        for each in (program.triggers[name] for name in sorted(program.triggers))
    ]  # fmt: skip
    headings = ("trigger", "what it is", "of", "severity", "when", "for", "actions", "status", "where")
    yield from table(headings, rows)


def _rule(trigger: Trigger) -> str:
    """The rule in one line."""
    joined = " and " if trigger.match == "all" else " or "
    said = [code(text) for text in trigger.rule().values()]
    if trigger.keywords is not None:
        words = [*trigger.keywords.phrases, *trigger.keywords.patterns]
        more = f" and {len(words) - 3} more" if len(words) > 3 else ""
        said.append(f"words: {', '.join(words[:3])}{more}")
    return joined.join(said)


def _playbooks(program: Program) -> Iterator[str]:
    for playbook in (program.playbooks[name] for name in sorted(program.playbooks)):
        yield from _heading(playbook)
        rows = [
            (step.title, _length(step.after) if step.after else "at once", _length(step.within), ", ".join(step.to))
            for step in playbook.steps
        ]
        yield from table(("step", "after", "within", "who"), rows)
        yield ""


def _team(program: Program) -> Iterator[str]:
    if program.team is None:
        return
    yield from _heading(program.team)
    groups = {name: [each for each, group in program.team.groups.items() if name in group.members]
              for name in program.team.people}  # fmt: skip
    rows = [
        (code(name), each.name, each.role, code(each.manager or ""), ", ".join(groups[name]),
         f"left {each.left}" if each.left else "")
        for name, each in program.team.people.items()
    ]  # fmt: skip
    yield from table(("person", "name", "role", "manager", "groups", ""), rows)


def _routing(program: Program) -> Iterator[str]:
    routing = program.routing
    if not routing.path:
        return
    yield from _heading(routing)
    yield from table(
        ("channel", "type", "enabled"),
        [(code(name), each.type, each.enabled) for name, each in routing.channels.items()],
    )
    yield ""
    rows = [
        (severity, ", ".join(level.channels), level.digest,
         ", ".join(f"{'/'.join(step.to)} after {_length(step.after)}" for step in level.escalate))
        for severity, level in routing.severities.items()
    ]  # fmt: skip
    yield from table(("severity", "channels", "digest", "escalates to"), rows)
    yield ""
    yield from table(("action", "does"), [(code(name), each.do) for name, each in routing.actions.items()])


def _length(length: timedelta) -> str:
    seconds = length.total_seconds()
    if seconds < 3_600:
        return f"{seconds / 60:g} min"
    return f"{seconds / 86_400:g} d" if seconds >= 86_400 else f"{seconds / 3_600:g} h"


_TOLD = (
    "source",
    "entity",
    "measures",
    "segment",
    "section",
    "journey",
    "health",
    "revenue",
    "outcome",
    "report",
    "schedule",
    "trigger",
    "playbook",
    "team",
    "routing",
)


def _others(program: Program) -> Iterator[str]:
    """What has no section of its own yet still is not left out."""
    rows = [
        (f"`{each.kind}`", code(each.name), line_of(each), link(each.path))
        for each in sorted(program.directives(), key=lambda each: (each.kind, each.name))
        if each.kind not in _TOLD
    ]
    yield from table(("kind", "name", "what it is", "where"), rows)
