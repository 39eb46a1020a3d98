"""The sections that no SELECT can give, and the facts of each. Facts only: what is unknown stays None."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from execution import engine
from execution.actions.reported import reported
from execution.directives.dependencies import UNIFIED
from execution.directives.model import Health, Metric
from execution.engine import ident, literal
from execution.errors import UsageError
from execution.health import losses, names
from execution.reports.freshness import states
from execution.reports.scene import Scene
from execution.revenue import answers
from execution.revenue.periods import Span
from execution.triggers import standing


def summary(scene: Scene) -> dict[str, Any]:
    """Customers, revenue and known weight by band, best first, then those without a label; and the whole."""
    rows = scene.rows(
        """SELECT health_status AS band, count(*) AS customers, sum(mrr) AS mrr, count(mrr) AS with_mrr,
                  CAST(avg(health_coverage) AS DECIMAL(18, 4)) AS coverage
           FROM customers GROUP BY health_status"""
    )
    order = {band: n for n, band in enumerate(_bands(scene.health))}
    rows.sort(key=lambda row: (order.get(row["band"], len(order)), row["band"] or ""))
    known = [row["mrr"] for row in rows if row["mrr"] is not None]
    return {
        "bands": rows,
        "customers": sum(row["customers"] for row in rows),
        "with_mrr": sum(row["with_mrr"] for row in rows),
        "mrr": sum(known, Decimal(0)) if known else None,
    }


def _bands(health: Health | None) -> list[str]:
    return [name for name, _ in sorted(health.bands.items(), key=lambda band: -band[1])] if health else []


def calls(scene: Scene) -> dict[str, Any]:
    """Calls booked for today and for tomorrow, as the team's clocks say, with anybody but colleagues."""
    sql = """SELECT e.occurred_at AS at, e.title, e.host, e.email, c.name, c.company_name, c.health_score AS score,
                    c.health_status AS band, c.mrr
             FROM events e LEFT JOIN customers c ON c.email = e.email
             WHERE e.kind = 'meeting' AND e.status = 'booked' AND e.occurred_at >= $begin AND e.occurred_at < $end
               AND NOT list_contains($internal::VARCHAR[], split_part(e.email, '@', 2))
             ORDER BY e.occurred_at, e.email, e.source_id"""
    return {
        "today": scene.rows(sql, begin=scene.day(0), end=scene.day(1), internal=scene.internal_domains),
        "tomorrow": scene.rows(sql, begin=scene.day(1), end=scene.day(2), internal=scene.internal_domains),
    }


def at_risk(scene: Scene) -> dict[str, Any]:
    """Customers below the best band but for those left out, most revenue first, with what costs them most and what to
    do."""
    health = scene.health
    if health is None:
        return {"rows": [], "total": 0}
    best = _bands(health)[0]
    condition = "FROM customers WHERE health_status IS NOT NULL AND health_status <> $best" + _left_out(scene)
    total = scene.rows(f"SELECT count(*) AS total {condition}", best=best)[0]["total"]
    rows = scene.rows(
        f"""SELECT email, name, company_name, mrr, health_score AS score, health_status AS band, churn_risk,
                   recommended_action AS action, assigned_am AS owner {condition}
            ORDER BY mrr DESC NULLS LAST, churn_risk DESC, email LIMIT $limit""",
        best=best,
        limit=scene.report.limit,
    )
    reasons = losses.read(scene.con, scene.program, health, [row["email"] for row in rows])
    return {"rows": [row | {"reasons": reasons.get(row["email"], [])[:3]} for row in rows], "total": total}


def _left_out(scene: Scene) -> str:
    """SQL that takes away those for whom the report's `leave_out` holds; for whom it is unknown, stays."""
    condition, known = scene.report.leave_out, f"main.{UNIFIED}customers"
    if condition is None or not scene.stored.columns(known):
        return ""
    sql = f"SELECT email FROM {known} WHERE {condition.replace('$as_of', literal(scene.as_of))}"
    try:
        engine.columns(scene.con, sql)
    except engine.BinderError as error:
        raise UsageError(
            f"leave_out names what was not worked out yet: {str(error).splitlines()[0]}",
            hint="run `gtm score`",
            where=scene.report.path,
            code="E234",
        ) from error
    return f" AND email NOT IN ({sql})"


def alerts(scene: Scene) -> dict[str, Any]:
    """Open alerts, the gravest first and of these the newest, and which of them fired within the report's period; then
    those that an action put into this report and that are over."""
    found = standing.listing(scene.con, scene.program, scene.as_of)
    begin, end = scene.begin, scene.until
    rows = [
        {
            "id": each.alert[:6],
            "severity": each.severity,
            "title": each.title,
            "message": each.message,
            "who": each.name or each.key,
            "account": each.account if each.account != each.key else None,
            "owner": each.owner,
            "worth": each.worth,
            "at": each.fired_at,
            "is_new": each.fired_at is not None and begin < each.fired_at <= end,
            "taken_by": each.acknowledged_by,
            "snoozed_until": each.snoozed_until if each.state == "snoozed" else None,
        }
        for each in found[: scene.report.limit]
    ]
    has_outbox = bool(scene.stored.columns("ops.outbox"))
    added = reported(scene.con, scene.report.name) if has_outbox else []
    over = [
        {
            "title": row["message"] or row["trigger"],
            "who": row["key"],
            "at": row["resolved_at"],
            "how": row["resolution"],
        }
        for row in added
        if row["state"] == "resolved" and row["resolved_at"] is not None and begin < row["resolved_at"] <= end
    ]
    return {"rows": rows, "total": len(found), "over": over[: scene.report.limit]}


def no_shows(scene: Scene) -> dict[str, Any]:
    """Customers who did not come to a call within the report's period."""
    rows = scene.rows(
        """SELECT e.occurred_at AS at, e.title, e.host, e.email, c.name, c.company_name,
                  c.next_call_date AS next_call_at
           FROM events e LEFT JOIN customers c ON c.email = e.email
           WHERE e.kind = 'meeting' AND e.status = 'no_show' AND e.occurred_at > $begin AND e.occurred_at <= $end
             AND NOT list_contains($internal::VARCHAR[], split_part(e.email, '@', 2))
           ORDER BY e.occurred_at, e.email, e.source_id""",
        begin=scene.begin,
        end=scene.until,
        internal=scene.internal_domains,
    )
    return {"rows": rows}


def unknown(scene: Scene) -> dict[str, Any]:
    """How many customers have no label, and which components are missing most often among them."""
    total = scene.rows("SELECT count(*) AS total FROM customers WHERE health_status IS NULL")[0]["total"]
    health = scene.health
    if health is None or not scene.stored.columns(f"derived.{names.table_name(health.name)}"):
        return {"total": total, "missing": []}
    counts = ", ".join(
        f"count(*) FILTER (WHERE {names.component(name)} IS NULL) AS {ident(name)}" for name in health.components
    )
    table = ident("derived", names.table_name(health.name))
    row = engine.dicts(scene.con, f"SELECT {counts} FROM {table} WHERE band IS NULL")[0]
    missing = [
        {"component": component.label or name, "needs": ", ".join(component.needs), "customers": row[name]}
        for name, component in health.components.items()
        if row[name]
    ]
    return {"total": total, "missing": sorted(missing, key=lambda part: -part["customers"])}


def sources(scene: Scene) -> dict[str, Any]:
    """When each enabled source was last read whole, and whether that is longer ago than its freshness allows."""
    return {"rows": [{"name": each.title, "at": each.read_at, "state": each.state} for each in states(scene)]}


# --- recurring revenue ----------------------------------------------------------------------------


_MONEY = "base currency"
_MOVES = ("new", "expansion", "reactivation", "contraction", "churn", "correction")


def mrr_bridge(scene: Scene) -> dict[str, Any]:
    """What recurring revenue was at the beginning of the period, what changed it and what it came to: the whole, and by
    month, with the revenue directive's figures. `missing` says why where that cannot be told."""
    try:
        told = answers.bridge(scene.con, scene.program, _days(scene), by="month", entity="companies")
    except UsageError as error:
        return {"missing": error.message, "steps": [], "periods": [], "figures": []}
    total = told.total
    if not total["customers_opening"] and not total["customers_closing"] and not any(total[kind] for kind in _MOVES):
        return {"missing": "nobody is known to have paid by then", "steps": [], "periods": [], "figures": []}
    steps = [
        {"label": "before", "amount": total["opening"], "kind": "total"},
        *({"label": kind, "amount": total[kind], "kind": "change"} for kind in _MOVES if total[kind]),
        {"label": "after", "amount": total["closing"], "kind": "total"},
    ]
    figures = [_figure(name, metric, total[name]) for name, metric in told.figures.items()]
    return {"missing": "", "steps": steps, "periods": list(told.periods), "figures": figures, "notes": told.notes}


def _figure(name: str, metric: Metric, value: Any) -> dict[str, Any]:  # noqa: ANN401 - a row's value
    """One of the revenue directive's figures: a name of up to four letters is an abbreviation, as nrr and ltv are."""
    title = name.upper() if len(name) <= 4 else name.replace("_", " ").capitalize()
    is_money = metric.unit.startswith(_MONEY)
    unit = metric.unit.removeprefix(_MONEY).strip() if is_money else "%" if metric.unit == "percent" else metric.unit
    return {"title": title, "meaning": metric.meaning, "value": value, "unit": unit, "is_money": is_money}


def mrr_cohorts(scene: Scene) -> dict[str, Any]:
    """Every month's new accounts, and how much of their revenue is still there month after month: `grid` as shares for
    a picture, `cohorts` in percent for a table."""
    try:
        told = answers.cohorts(scene.con, scene.program, _days(scene).last, entity="companies")
    except UsageError as error:
        return {"missing": error.message, "rows": [], "grid": [], "cohorts": []}
    grid = [
        {
            "cohort": f"{row['cohort']:%Y-%m}",
            "month": row["month"],
            "share": None if row["revenue_retention"] is None else row["revenue_retention"] / 100,
            "customers": row["customers"],
        }
        for row in told.rows
    ]
    return {"missing": "", "rows": list(told.rows), "grid": grid, "cohorts": _cohorts(told.rows)}


def _cohorts(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A line for each cohort: how it began, and what of it was there after some months and is there now, in percent."""
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        began = {"cohort": f"{row['cohort']:%Y-%m}", "customers": row["customers"], "mrr": row["mrr"], "after": {}}
        line = found.setdefault(row["cohort"], began)
        line["after"][row["month"]] = row["revenue_retention"]
        line |= {"now": row["revenue_retention"], "paying": row["paying"]}
    return list(found.values())


def churned(scene: Scene) -> dict[str, Any]:
    """Who left within the period, the greatest first, with what is known of why."""
    try:
        told = answers.churned(scene.con, scene.program, _days(scene), entity="companies")
    except UsageError as error:
        return {"missing": error.message, "rows": [], "total": 0, "mrr": None}
    known = [row["mrr"] for row in told.rows if row["mrr"] is not None]
    return {
        "missing": "",
        "rows": list(told.rows[: scene.report.limit]),
        "total": len(told.rows),
        "mrr": sum(known, Decimal(0)) if known else None,
    }


def _days(scene: Scene) -> Span:
    """The period's days up to the moment, both included."""
    last = (scene.span.until - timedelta(microseconds=1)).date()
    return Span(min(scene.span.begin.date(), last), last)


SECTIONS: Mapping[str, Callable[[Scene], dict[str, Any]]] = {
    "summary": summary,
    "calls": calls,
    "alerts": alerts,
    "at_risk": at_risk,
    "no_shows": no_shows,
    "unknown": unknown,
    "sources": sources,
    "mrr_bridge": mrr_bridge,
    "mrr_cohorts": mrr_cohorts,
    "churned": churned,
}
"""What a report directive may name under `sections` beside those of directives; `schema.BUILT_IN_SECTIONS` has their
names."""
