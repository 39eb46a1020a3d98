"""Every verb of `gtm`: its name, where it lives, and its one line of help.

The root reads this table alone, so `gtm --help` imports no verb. A test keeps the lines in step with the modules.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb: its module below `execution.cli`, the heading it stands under in the help, and one sentence."""

    module: str
    heading: str
    help: str


_START, _DAILY, _LOOK, _OPERATE = "Start", "Every day", "Look", "Operate"

VERBS: Mapping[str, Verb] = {
    "init": Verb("init", _START, "Make a workspace: directives, templates, settings."),
    "connect": Verb("connect", _START, "Connect a source: try its credential and keep it in .env."),
    "demo": Verb("demo", _START, "Fill a sample workspace from the sandbox, end to end."),
    "sandbox": Verb("sandbox", _START, "Serve a local stand-in for the vendors' APIs."),
    "sync": Verb("sync", _DAILY, "Bring the sources' records into the store."),
    "score": Verb("score", _DAILY, "Work out the measures and the health scores."),
    "alerts": Verb("alerts", _DAILY, "The alerts that are open, and what people do with them."),
    "tasks": Verb("tasks", _DAILY, "What alerts put on people's lists."),
    "approvals": Verb("approvals", _DAILY, "Actions that wait for somebody's word."),
    "context": Verb("context", _DAILY, "Write the accounts' context files."),
    "day": Verb("day", _DAILY, "Walk through a person's day, from the morning's brief to tomorrow's plan."),
    "report": Verb("report", _DAILY, "Write a report."),
    "draft": Verb("draft", _DAILY, "Draft a mail, a proposal or a plan from an account's facts."),
    "run": Verb("run", _DAILY, "Run a schedule's steps now, in order."),
    "status": Verb("status", _LOOK, "How fresh each source is, and what went wrong."),
    "explain": Verb("explain", _LOOK, "Take a score apart: what makes it, and what moved it."),
    "brief": Verb("brief", _LOOK, "Print the brief of one account."),
    "timeline": Verb("timeline", _LOOK, "Everything that happened with one account."),
    "revenue": Verb("revenue", _LOOK, "The bridge of recurring revenue, cohorts, and who left."),
    "segments": Verb("segments", _LOOK, "Who is in which segment, and who came and went."),
    "journey": Verb("journey", _LOOK, "Who stands where on the way, for how long, and what holds them."),
    "measures": Verb("measures", _LOOK, "Every measure: what it means, and what it comes to."),
    "quality": Verb("quality", _LOOK, "How far the data can be relied on, and what is wrong with it."),
    "triggers": Verb("triggers", _LOOK, "The rules that open alerts, and what they would have done."),
    "query": Verb("query", _LOOK, "Ask the store in SQL: one SELECT, read-only."),
    "verify": Verb("verify", _LOOK, "Hold the figures in a file against the store."),
    "check": Verb("check", _OPERATE, "Find every mistake in the directives, and in what agents read."),
    "test": Verb("test", _OPERATE, "Run the directives' own tests."),
    "docs": Verb("docs", _OPERATE, "Write the catalogue of the directives, or check that it holds."),
    "plan": Verb("plan", _OPERATE, "Show what edited directives would change."),
    "backtest": Verb("backtest", _OPERATE, "Hold a score against what happened after."),
    "fit": Verb("fit", _OPERATE, "Learn a score's weights from what happened, as a proposed diff."),
    "doctor": Verb("doctor", _OPERATE, "Find what is wrong with the workspace as a whole, and mend what is safe."),
    "source": Verb("source", _OPERATE, "List, check, enable and disable sources."),
    "agents": Verb("agents", _OPERATE, "The agents that Claude Code finds here, built from workspace-setup/agents/."),
    "schedule": Verb("schedule", _OPERATE, "List the schedules, hand them to cron, or run them here."),
    "db": Verb("db", _OPERATE, "Back up, restore and inspect the store."),
}
