"""Which sender a way has: its channel's kind decides, `@source` is a source that is written back to."""

from collections.abc import Callable

from execution.actions.channels.telling import Sender
from execution.actions.modes import Modes
from execution.actions.outbox import Row
from execution.actions.pace import Spacing
from execution.directives import Program
from execution.directives.model.routing import Email, Folder, Slack, SlackWebhook, Webhook
from execution.errors import UsageError
from execution.settings import Environment

BACK = "@"
"""How the way of a source that is written back to begins; no channel's name does."""

SenderMaker = Callable[[str], Sender]


def senders(program: Program, environment: Environment, modes: Modes, spacing: Spacing) -> SenderMaker:
    """Makes the sender of a way. That raises CredentialsError or UsageError where the channel cannot be used."""

    def make(way: str) -> Sender:
        if way.startswith(BACK):
            return _back(program, way.removeprefix(BACK), environment)
        channel = modes.channels[way]
        is_test = modes.tests(channel)
        match channel:
            case Slack():
                from execution.actions.channels.slack import slack_sender

                return slack_sender(channel, environment, is_test=is_test, spacing=spacing)
            case SlackWebhook():
                from execution.actions.channels.slack_webhook import slack_webhook_sender

                return slack_webhook_sender(channel, environment, is_test=is_test, spacing=Spacing(spacing.clock))
            case Email():
                from execution.actions.channels.email import email_sender

                return email_sender(channel, environment, is_test=is_test)
            case Webhook():
                from execution.actions.channels.webhook import webhook_sender

                return webhook_sender(channel, environment, is_test=is_test)
            case Folder():
                from execution.actions.channels.folder import folder_sender

                return folder_sender(channel, environment, is_test=is_test)
        raise UsageError(f"nothing is sent through {way}", hint="it is a file", code="E387")

    return make


def _back(program: Program, source: str, environment: Environment) -> Sender:
    from execution.actions.channels.crm import crm_sender

    return crm_sender(program.sources.get(source), source, environment, record_id)


def record_id(row: Row) -> str | None:
    """The id by which the source knows the row: the e-mail of a customer; a deal's own id, where it is a deal of that
    source; a company's as it was found when the row was taken up."""
    entity, key = str(row.payload.get("entity")), str(row.payload.get("key") or "")
    if entity == "deals":
        source, slash, id_ = key.partition("/")
        return id_ if slash and source == row.payload.get("write_back") else None
    if entity == "companies":
        found = row.payload.get("record_id")
        return str(found) if found else None
    return key or None
