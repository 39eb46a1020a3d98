"""The small program with sections, a personal report and goals: `§` marks a mistake in it as in `small`."""

from tests.directives import small_alerts
from tests.directives.small import PULSE

LOUD = """\
---
kind: section
name: loud
title: Who is loud
show: table
columns:
  email: {as: code}
  name: {null: nobody}
  logins: {title: Logins, as: count}
  pay: {as: money, currency: currency}
  last: {as: moment}
order: [logins desc, email]
total: [logins]
picture: {kind: bars, columns: {label: email, value: logins}}
---
# Who is loud

```sql section
select p.email, p.name, p.logins, p.days_quiet, p.health_status, 5.0::decimal(18, 4) as pay, 'USD' as currency,
    (select max(h.occurred_at) from happenings h where h.email = p.email and h.occurred_at < $until) as last
from people_of p
where ($user is null or exists (select 1 from owners o where o."user" = $user and o.owner = lower(p.email)))
```

```yaml tests
- name: somebody's own
  as_of: "2026-01-08T00:00:00Z"
  given:
    period: [{period: 2026-01, user: ada}]
    people: [{email: A@x.com, logins: 3}, {email: b@x.com, logins: 9}]
    owners: [{owner: a@x.com, user: ada}]
  expect: {rows: [{email: A@x.com, logins: 3, last: null}]}
```
""".replace("people_of", "people")

SAYING = """\
---
kind: section
name: saying
show: list
columns: {name: {}, logins: {as: count}, plan: {}}
line: "{name}: {logins}[, on {plan}]"
why: "they came {logins} times"
do: call them
---
```sql section
select email, name, logins, 'x' as plan from people
```
"""

HAPPENED = """\
---
kind: section
name: happened
show: figures
compares: true
about: goals
columns: {talks: {as: count}}
---
```sql section
select count(*) as talks from happenings where occurred_at >= $begin and occurred_at < $until
```
"""

OWN = """\
---
kind: report
name: own
area: personal
audience: whose it is
period: last_7_days
compare: previous
roles: csm
sections: [loud, saying, happened, sources]
---
"""

GOALS = """\
---
kind: goals
name: goals
goals: {talks: {meaning: Talks held, unit: talks}, calls: {meaning: Calls made}}
roles: {csm: {week: {talks: 10}, day: {calls: 3}}}
people: {mia: {week: {talks: 4}}}
marks: {100: "+", 0: "-"}
---
"""

REPORTS = {
    **small_alerts.ALERTS,
    "loud": ("directives/reports/sections/loud.md", LOUD),
    "saying": ("directives/reports/sections/saying.md", SAYING),
    "happened": ("directives/reports/sections/happened.md", HAPPENED),
    "own": ("directives/reports/own.md", OWN),
    "goals": ("directives/goals.md", GOALS),
    "pulse": ("directives/reports/pulse.md", PULSE),
}


def texts() -> dict[str, str]:
    """The program's files."""
    return small_alerts.texts() | dict(REPORTS.values())


def with_mistake(name: str, old: str, new: str) -> tuple[dict[str, str], str]:
    """The files with a piece of one replaced, and the place `path:line:column` that `§` marks in it."""
    path, text = REPORTS[name]
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
    changed = text.replace(old, new)
    at = changed.find("§")
    line = changed.count("\n", 0, at) + 1
    column = at - (changed.rfind("\n", 0, at) + 1) + 1
    return texts() | {path: changed.replace("§", "")}, f"{path}:{line}:{column}"
