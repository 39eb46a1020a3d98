"""A small program without a mistake, and a way to put one in: `§` marks where the problem must be reported."""

from collections.abc import Mapping
from functools import cache

from execution.directives import load
from execution.directives.sql.memory import Holding, Memory
from execution.errors import Problem

DESK = """\
---
kind: source
name: desk
title: Help desk
api:
  base_url: https://desk.example
  auth: {type: bearer, token: env:DESK_TOKEN}
  paginate: {cursor: next, param: after}
  account: {path: /me, team: team.id}
validate:
  people: ["email is not null"]
streams:
  people:
    path: /people
    params: {team: "{account.team}"}
    records: data
    key: id
    version: updated
    columns:
      email: email
      name: name
      logins: {path: logins, type: integer}
      rating: {path: r, type: number}
      updated: {path: u, type: timestamp}
  talks:
    each: people
    reread: updated > $as_of - interval 7 days
    path: "/people/{people.id}/talks"
    params: {since: "{since:s}"}
    records: data
    key: uri
    sync: {by: cursor, column: at, lookback: 1d}
    columns: {at: {path: at, type: timestamp, unit: s}, title: title}
---
# Help desk

```sql people
select email, max_by(name, (updated, key)) as name, sum(logins) as logins
from people
group by email
```

```sql happenings
select t.uri as source_id, p.email, t.at as occurred_at, t.title
from talks t join people p on p.key = t.parent_key
```

```yaml tests
- name: two records are one person
  given: {people: [{id: 1, email: a@x.com, logins: 2}, {id: 2, email: a@x.com, logins: 3}]}
  expect: {people: [{email: a@x.com, logins: 5}]}
```
"""

PEOPLE = """\
---
kind: entity
name: people
key: email
rows: shared
columns:
  email: {type: text, from: [system]}
  name: {type: text, from: [workspace, desk, ledger]}
  logins: {type: integer, from: [desk]}
  plan: {type: text, from: [ledger]}
  days_quiet: {type: integer, from: [measures]}
  health_status: {type: text, from: [health]}
---
"""

HAPPENINGS = """\
---
kind: entity
name: happenings
key: source_id
rows: owned
columns:
  source_id: {type: text}
  email: {type: text}
  occurred_at: {type: timestamp}
  title: {type: text}
---
"""

QUIET = """\
---
kind: measures
name: quiet
entity: people
measures:
  days_quiet: {type: integer, unit: days, meaning: since the last talk, "null": never talked}
---
```sql measures
select email, date_diff('day', max(occurred_at), $as_of) as days_quiet
from happenings
group by email
```
```yaml tests
- name: a week
  as_of: "2026-01-08T00:00:00Z"
  given: {happenings: [{email: a@x.com, occurred_at: "2026-01-01T00:00:00Z"}]}
  expect: {people: [{email: a@x.com, days_quiet: 7}]}
```
"""

HEALTH = """\
---
kind: health
name: people_health
entity: people
components:
  quiet:
    weight: 25
    needs: [days_quiet]
    score: >-
      case
        when days_quiet <= 7 then 100
        else 0
      end
penalties: {few: {when: logins < 3, points: "10", reason: few logins}}
signals: {silent: {when: days_quiet > 30, severity: high, message: silent}}
actions: [{when: health_status = 'bad', action: call}]
bands: {good: 50, bad: 0}
---
"""

MORNING = """\
---
kind: schedule
name: morning
at: "0 6 * * 1-5"
steps: [sync, report]
reports: [pulse]
---
"""

PULSE = """\
---
kind: report
name: pulse
audience: all
period: 1d
sections: [summary]
---
"""

FILES = {
    "desk": ("directives/data-sources/desk.md", DESK),
    "people": ("directives/data-model/people.md", PEOPLE),
    "happenings": ("directives/data-model/happenings.md", HAPPENINGS),
    "quiet": ("directives/measures/quiet.md", QUIET),
    "health": ("directives/health/people.md", HEALTH),
    "morning": ("directives/schedules/morning.md", MORNING),
    "pulse": ("directives/reports/pulse.md", PULSE),
}


def texts(**changed: str) -> dict[str, str]:
    """The small program's files, some with another text."""
    return {path: changed.get(name, text) for name, (path, text) in FILES.items()}


def problems(files: Mapping[str, str]) -> tuple[Problem, ...]:
    """What loading says of the files; the same whether or not the small program was checked before."""
    given = encoded(files)
    found = load(given).problems
    assert load(given, Memory(holding())).problems == found
    return found


def encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


@cache
def holding() -> dict[str, Holding]:
    """What is remembered of the small program's SQL."""
    memory = Memory()
    load(encoded(texts()), memory)
    return memory.holding()


def with_mistake(file: str, old: str, new: str) -> tuple[dict[str, str], str]:
    """The small program with `old` replaced in one file, and the `path:line:col` that `§` in `new` marks."""
    path, text = FILES[file]
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    edited = text.replace(old, new)
    before, _, _ = edited.partition("§")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return {**texts(), path: edited.replace("§", "")}, f"{path}:{line}:{column}"
