"""The small program with a team, routing, triggers and a playbook: `§` marks a mistake in it as in `small`."""

from collections.abc import Mapping

from tests.directives.small import FILES, PEOPLE, QUIET
from tests.directives.small import texts as small_texts

SAID = """\
---
kind: entity
name: messages
key: source_id
rows: owned
texts: {columns: [subject, body], who: email, at: sent_at, where: direction = 'inbound'}
columns:
  source_id: {type: text}
  email: {type: text}
  sent_at: {type: timestamp}
  direction: {type: text}
  subject: {type: text}
  body: {type: text}
---
"""

OWNED = PEOPLE.replace(
    "  days_quiet:",
    "  stage: {type: text, from: [workspace]}\n  seats: {type: integer, from: [workspace]}\n  days_quiet:",
).replace("  health_status:", "  health_score: {type: decimal, from: [health]}\n  health_status:")

ALIASED = QUIET.replace("---\n```sql", "aliases: {no_activity: days_quiet}\n---\n```sql")

BUSY = """\
---
kind: segment
name: busy
entity: people
meaning: They use it
when: logins >= 10
---
"""

SIZE = """\
---
kind: segment
name: size
entity: people
meaning: How much they use it
groups: {small: {when: logins < 5}, large: {when: logins >= 5}}
---
"""

TEAM = """\
---
kind: team
name: team
people:
  ada: {name: Ada, email: ada@us.com, role: csm, manager: mia, crm_owner: ["17"]}
  bob:
    {name: Bob, email: bob@us.com, role: csm, manager: mia, away: [{from: 2026-03-01, until: 2026-03-08, cover: ada}]}
  mia: {name: Mia, email: mia@us.com, role: lead}
groups: {success: {members: [ada, bob]}}
---
"""

ROUTING = """\
---
kind: routing
name: routing
channels:
  inbox: {type: inbox}
  hook: {type: webhook, url: "https://hook.example", secret: env:HOOK_SECRET}
recipients:
  owner: {columns: {people: [plan, name]}, otherwise: lead}
  manager: {manager_of: owner, otherwise: mia}
  lead: {name: success}
severities:
  critical: {channels: [inbox], escalate: [{after: 15m, to: owner}, {after: 60m, to: manager, channels: hook}]}
  low: {digest: daily}
routes: {sales: {to: lead, channels: hook, digest: daily}}
digests: {daily: {at: "08:00", to: success, channels: inbox}}
inhibit: [{triggers: leaving, severities: [low], silences: silent}]
account: {people: email}
actions:
  tell: {do: notify, to: owner}
  ask: {do: task, title: Call them, due: 1d, approval: {by: mia}}
  mark: {do: set_field, field: stage, value: at risk}
  send: {do: post, channel: hook}
  play: {do: playbook, playbook: rescue}
  report: {do: add_to_report, report: pulse}
fallback: mia
---
"""

SILENT = """\
---
kind: trigger
name: silent
entity: people
when: days_quiet > 30 and drop(health_score, 7d) >= 20
resolve_when: days_quiet < 7
key: plan
for: 1d
message: "{name} has been silent for {days_quiet} days"
route: sales
actions: [tell, {ask: {due: 2h}}, mark]
---
"""

LEAVING = """\
---
kind: trigger
name: leaving
entity: people
keywords:
  phrases: [cancel, switch to]
  patterns: ["kündig\\\\w*"]
  unless: [not cancel]
  sources: desk
  entities: messages
message: "{words}: {snippet}"
severity: critical
actions: [tell, send, play, report]
---
"""

BOTH = """\
---
kind: trigger
name: churn_risk
entity: people
conditions:
  - health_score < 40
  - no_activity > 30
  - entered(size.small)
  - left(busy, 3d) and was(busy, 1d)
  - Drop(health_score, 7d) >= 3 and drop(health_score, 7d) < 9 and was(people_health_status, 1d) = 'good'
match: any
---
"""

RESCUE = """\
---
kind: playbook
name: rescue
steps: [{title: Call them, to: owner}, {title: Write to them, after: 2d, to: ada}]
---
"""

OWN = """\
---
kind: trigger
name: mine
owner: ada
entity: people
when: logins > 100
---
"""

ALERTS = {
    "people": (FILES["people"][0], OWNED),
    "quiet": (FILES["quiet"][0], ALIASED),
    "said": ("directives/data-model/messages.md", SAID),
    "busy": ("directives/segments/busy.md", BUSY),
    "size": ("directives/segments/size.md", SIZE),
    "team": ("directives/team.md", TEAM),
    "routing": ("directives/policies/routing.md", ROUTING),
    "silent": ("directives/triggers/silent.md", SILENT),
    "leaving": ("directives/triggers/leaving.md", LEAVING),
    "both": ("directives/triggers/churn-risk.md", BOTH),
    "rescue": ("directives/playbooks/rescue.md", RESCUE),
    "mine": ("personal/triggers/ada/mine.md", OWN),
}


def texts(**changed: str) -> dict[str, str]:
    """The files, some with another text."""
    return small_texts() | {path: changed.get(name, text) for name, (path, text) in ALERTS.items()}


def with_mistake(file: str, old: str, new: str) -> tuple[Mapping[str, str], str]:
    """The program with `old` replaced in one file, and the `path:line:col` that `§` in `new` marks."""
    path, text = ALERTS[file]
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    edited = text.replace(old, new)
    before, _, _ = edited.partition("§")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return {**texts(), path: edited.replace("§", "")}, f"{path}:{line}:{column}"
