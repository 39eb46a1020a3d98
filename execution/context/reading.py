"""Which rows make an account, and how each is read: the sections, as SQL, and the values they become."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from execution.context import facts
from execution.directives import Program
from execution.directives.facts import Step
from execution.directives.model import Health
from execution.engine import ident, literal
from execution.health import names, view
from execution.measures import Stored
from execution.measures.stored import key_columns
from execution.segments.history import place_sql

_SQL = Path(__file__).with_name("sections")


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of row: its SELECT, the columns that are read of it, and what becomes of them.

    Where `split` is there, rows of which it holds go under the first of the two names in `into`, others under the last.
    """

    name: str
    sql: str
    columns: str
    make: Callable[..., Any]
    into: tuple[str, ...]
    split: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """How the rows of a file in `sections/` are read, and the tables without which there are none."""

    row: type
    needs: tuple[str, ...]
    into: tuple[str, ...] = ()
    split: Callable[[Any], bool] | None = None


_KINDS: Mapping[str, Kind] = {
    "happenings": Kind(
        facts.Happening, ("core.events",), ("payments", "interactions"), lambda event: event.kind == "payment"
    ),
    "upcoming": Kind(facts.Happening, ("core.events",)),
    "logins": Kind(facts.Logins, ("core.events",)),
    "messages": Kind(facts.Message, ("core.messages",)),
    "deals": Kind(facts.Deal, ("core.deals",), ("deals", "decided"), lambda deal: deal.status == "open"),
    "subscriptions": Kind(facts.Subscription, ("core.subscriptions",)),
    "movements": Kind(facts.Movement, ("derived.mrr_movements",)),
    "history": Kind(facts.Scored, ("derived.score_history",)),
    "alerts": Kind(facts.Alert, ("ops.alerts",), ("alerts", "past_alerts"), lambda alert: alert.resolved_at is None),
    "tasks": Kind(facts.Task, ("ops.tasks", "ops.alerts"), ("tasks", "done_tasks"), lambda task: task.done_at is None),
    "churns": Kind(facts.Churn, ("derived.churn_events",)),
}
"""The files in `sections/`, in the order in which they are read."""


def text_of(name: str) -> str:
    """The SELECT in a file of `sections/`."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def sections(program: Program, stored: Stored) -> list[Section]:
    """Every kind of row that the store has tables for, people first."""
    found = [Section("people", "", _PERSON, _person, ("people",))]
    for name, kind in _KINDS.items():
        if all(stored.columns(table) for table in kind.needs):
            columns = ", ".join(ident(field.name) for field in fields(kind.row))
            found.append(Section(name, text_of(name), columns, kind.row, kind.into or (name,), kind.split))
    generated: dict[str, tuple[str, str, Callable[..., Any]]] = {
        "segments": (_segments(program, stored), "segment, part, people", facts.Membership),
        "known": (_known(stored), "source, changed_at", facts.Known),
        "parts": (_parts(program, stored), "segment, milli, score", _parts_maker(program)),
    }
    found += [Section(name, sql, columns, make, (name,)) for name, (sql, columns, make) in generated.items() if sql]
    return found


def standing_score(program: Program, entity: str) -> Health | None:
    """The score that stands for the accounts which are rows of an entity."""
    return view.primary(program, entity) if entity in program.entities else None


def _segments(program: Program, stored: Stored) -> str:
    """Which segments an account is in, and how many of its people are in those of people."""
    selects = []
    for name, segment in sorted(program.segments.items()):
        table = f"derived.{Step('segment', name).table}"
        if segment.entity not in ("customers", "companies") or not stored.columns(table):
            continue
        part = place_sql(segment) if segment.groups else "NULL::VARCHAR"
        (key,) = key_columns(program.entities[segment.entity])
        is_of_people = segment.entity == "customers"
        whose = "context_people w ON w.email" if is_of_people else "context_accounts w ON w.account"
        selects.append(
            f"SELECT w.no, {literal(name)} AS segment, {part} AS part, "
            f"{'count(*)' if is_of_people else 'NULL'} AS people "
            f"FROM {table} s JOIN {whose} = s.{ident(key)} WHERE {place_sql(segment)} IS NOT NULL GROUP BY ALL"
        )
    if not selects:
        return ""
    ranked = "row_number() OVER (PARTITION BY no ORDER BY people IS NOT NULL, segment, part)"
    return f"SELECT *, {ranked} AS place, count(*) OVER (PARTITION BY no) AS total FROM ({' UNION ALL '.join(selects)})"


def _known(stored: Stored) -> str:
    """Which sources know an account or anybody there, and when each last changed something."""
    selects = []
    whose = {
        "customers": "context_people w ON w.email = c.email",
        "companies": "context_accounts w ON w.account = c.domain",
    }
    for entity, joined in whose.items():
        for column in stored.columns(f"core.{entity}"):
            if column.startswith("last_") and column.endswith("_change"):
                source = column.removeprefix("last_").removesuffix("_change")
                selects.append(
                    f"SELECT w.no, {literal(source)} AS source, c.{ident(column)} AS changed_at "
                    f"FROM core.{entity} c JOIN {joined} WHERE c.{ident(column)} IS NOT NULL"
                )
    if not selects:
        return ""
    return (
        "SELECT no, source, max(changed_at) AS changed_at, "
        "row_number() OVER (PARTITION BY no ORDER BY source) AS place, "
        f"count(*) OVER (PARTITION BY no) AS total FROM ({' UNION ALL '.join(selects)}) GROUP BY no, source"
    )


def _parts(program: Program, stored: Stored) -> str:
    """What the score that stands for an account is made of."""
    selects = []
    for entity in ("companies", "customers"):
        health = standing_score(program, entity)
        if health is None or not stored.columns(f"derived.{names.table_name(health.name)}"):
            continue
        have = stored.columns(f"derived.{names.table_name(health.name)}")
        columns = [column if column.strip('"') in have else "NULL" for column in names.parts(health).values()]
        (key,) = key_columns(program.entities[entity])
        is_person = "IS NULL" if entity == "customers" else "IS NOT NULL"
        selects.append(
            f"SELECT a.no, 1 AS place, 1 AS total, s.segment, [{', '.join(columns)}]::INTEGER[] AS milli, "
            f"{literal(health.name)} AS score FROM {ident('derived', names.table_name(health.name))} s "
            f"JOIN context_accounts a ON a.account = s.{ident(key)} AND a.domain {is_person} "
            "WHERE s.score_milli IS NOT NULL"
        )
    return " UNION ALL ".join(selects)


def _parts_maker(program: Program) -> Callable[..., facts.Parts]:
    by_score = {name: tuple(names.parts(health)) for name, health in program.health.items()}

    def make(segment: str | None, milli: list[int | None], score: str) -> facts.Parts:
        return facts.Parts(score, segment, dict(zip(by_score[score], milli, strict=True)))

    return make


_PERSON = """email, name, job_title, customer_type, mrr, plan_name, subscription_status, health_score, health_score_low,
    health_score_high, health_coverage, health_status, churn_risk, recommended_action, CAST(risk_signals AS VARCHAR),
    last_contact_at, is_quiet, next_call_date, last_seen_at, client_offer, client_icp, client_ltv, row"""


def _person(*values: Any) -> facts.Person:  # noqa: ANN401 - a row of `_PERSON`
    email, name, job_title, customer_type, mrr, plan, status, score, *rest = values
    low, high, coverage, band, risk, action, signals, contact, is_quiet, call, seen, offer, icp, ltv, row = rest
    words = (("what they sell", offer), ("whom they sell to", icp), ("what a client is worth", ltv))
    return facts.Person(
        email=email,
        name=name,
        job_title=job_title,
        customer_type=customer_type,
        mrr=mrr,
        plan_name=plan,
        subscription_status=status,
        standing=None if score is None else facts.Standing(email, score, low, high, coverage, band, risk, action),
        signals=signals_of(signals),
        last_contact_at=contact,
        is_quiet=is_quiet,
        next_call_at=call,
        last_seen_at=seen,
        words=tuple((about, said) for about, said in words if said),
        row=SimpleNamespace(**(row or {})),
    )


HEAD = ", ".join(ident(field.name) for field in fields(facts.Head))
"""The columns of `context_accounts` that make a head."""


def head(*values: Any) -> facts.Head:  # noqa: ANN401 - a row of HEAD
    """An account as a whole, from its row."""
    row = dict(zip((field.name for field in fields(facts.Head)), values, strict=True))
    row |= {name: facts.Standing(**row[name]) if row[name] else None for name in ("standing", "weakest")}
    row["override"] = facts.Override(**row["override"]) if row["override"] else None
    row["feeling"] = facts.Feeling(**row["feeling"]) if row["feeling"] else None
    row["signals"] = signals_of(row["signals"])
    row["tags"] = tuple(str(tag) for tag in _list_of(row["tags"]))
    row["stakeholders"] = tuple(each for each in _list_of(row["stakeholders"]) if isinstance(each, dict))
    row["row"] = SimpleNamespace(**row["row"]) if row["row"] else None
    return facts.Head(**row)


def signals_of(text: str | None) -> tuple[facts.Signal, ...]:
    """Signals as the unified view has them, in JSON."""
    if not text or text == "[]":
        return ()
    return tuple(facts.Signal(**signal) for signal in json.loads(text))


def _list_of(text: str | None) -> list[Any]:
    """A list in JSON; whatever else people wrote there is none."""
    found = json.loads(text) if text else []
    return found if isinstance(found, list) else []
