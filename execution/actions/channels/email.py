"""Mail: plain text and simple HTML of the same words, all of them escaped.

The Message-ID is made of the row's id, so a mail that was sent twice is one to whoever keeps mails by it.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from execution.actions import letter
from execution.actions.channels import letters
from execution.actions.channels.telling import NotSentError, Receipt
from execution.actions.channels.wording import LONGEST_QUOTE, MOST_ITEMS, about, safe, why
from execution.actions.message import Item, Message, addressee, read
from execution.actions.outbox import Row
from execution.directives.model.routing import Email
from execution.errors import UsageError
from execution.settings import Environment

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_FOR_GOOD = range(550, 555)
"""Replies to a recipient's address that another day will not change."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address that may stand in a header."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def header(self) -> Address:
        """The two as a header has them."""
        return Address(self.name, addr_spec=self.address)


def mailbox(text: str, name: str = "") -> Mailbox | None:
    """The mailbox in `Name <address>`, or of a bare address; None where it is none that can be written to safely."""
    found, address = parseaddr(text)
    return Mailbox(safe(name or found, 80), address) if _ADDRESS.fullmatch(address) else None


@dataclass(frozen=True, slots=True)
class EmailSender:
    """One mail channel. `test` is the address that gets everything instead."""

    host: str
    port: int
    security: str
    login: tuple[str, str] | None = field(repr=False)
    sender: Mailbox
    test: Mailbox | None
    is_test: bool
    timeout_s: float

    def send(self, row: Row) -> Receipt:
        """Hand one mail to the server."""
        who = addressee(row.payload)
        to = self.test if self.is_test else mailbox(who.email or "", who.name)
        if to is None:
            raise NotSentError("the recipient has no e-mail address that can be written to", is_final=True)
        references = _references(row)
        if row.do == letter.REPORT:
            mail = report(letter.read(row, is_test=self.is_test), self.sender, to, row.created_at)
        else:
            mail = compose(read(row, is_test=self.is_test), self.sender, to, row.created_at, references)
        self._hand_over(mail, to)
        return {"message_id": mail["Message-ID"], "references": [*references, str(mail["Message-ID"])]}

    def _hand_over(self, mail: EmailMessage, to: Mailbox) -> None:
        with self._told_apart(is_unclear=False, what="the mail server cannot be reached"):
            server = self._connection()
        try:
            with self._told_apart(is_unclear=True, what="the mail server did not answer"):
                server.send_message(mail, from_addr=self.sender.address, to_addrs=[to.address])
        finally:
            with suppress(OSError, smtplib.SMTPException):  # it has the mail already, or never will
                server.quit()
            server.close()

    @contextmanager
    def _told_apart(self, *, is_unclear: bool, what: str) -> Iterator[None]:
        """What went wrong, without the server's own words: they may quote what was sent."""
        try:
            yield
        except smtplib.SMTPAuthenticationError as error:
            raise NotSentError(f"the mail server refused the login ({error.smtp_code})", stops=True) from None
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise NotSentError(f"the server refused the recipient ({code})", is_final=code in _FOR_GOOD) from None
        except smtplib.SMTPResponseException as error:
            raise NotSentError(f"the mail server answered {error.smtp_code}") from None
        except smtplib.SMTPNotSupportedError:
            raise NotSentError("the mail server does not offer what security: or login asks for", stops=True) from None
        except (OSError, smtplib.SMTPException) as error:
            raise NotSentError(f"{what} ({_kind(error)})", is_unclear=is_unclear, stops=True) from None

    def _connection(self) -> smtplib.SMTP:
        """Greeted, encrypted and logged in as the channel says."""
        own = self.sender.domain
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, own, timeout=self.timeout_s, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, own, timeout=self.timeout_s)
        try:
            if self.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.login is not None:
                server.login(*self.login)
        except BaseException:
            server.close()
            raise
        return server


def _kind(error: Exception) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__


def email_sender(channel: Email, environment: Environment, *, is_test: bool) -> EmailSender:
    """The sender of a channel. Raises CredentialsError where a variable is not set, UsageError for an address that is
    none."""
    sender = mailbox(channel.sender)
    test = mailbox(channel.test) if channel.test else None
    if sender is None or (channel.test and test is None):
        raise UsageError("the channel names an address that is none", hint="write ada@example.com", code="E384")
    login = None
    if channel.username and channel.password:
        login = environment.resolve(channel.username), environment.resolve(channel.password)
    return EmailSender(
        channel.host, channel.port, channel.security, login, sender, test, is_test, channel.timeout.total_seconds()
    )


# --- the mail itself --------------------------------------------------------------------------------


def compose(
    message: Message, sender: Mailbox, to: Mailbox, at: datetime, references: Sequence[str] = ()
) -> EmailMessage:
    """The mail of a message. Nothing in it that came from outside is more than words."""
    mail = _headed((message.id, message.heading), sender, to, at)
    if references:
        mail["In-Reply-To"] = references[-1]
        mail["References"] = " ".join(references[-20:])
    mail.set_content(_text(message), cte="quoted-printable")
    mail.add_alternative(_html(message), subtype="html", cte="quoted-printable")
    return mail


def report(told: letter.Letter, sender: Mailbox, to: Mailbox, at: datetime) -> EmailMessage:
    """The mail of a report, as harmless as that of an alert."""
    subject = " · ".join(filter(None, [told.title, told.period]))
    mail = _headed((told.id, subject), sender, to, at)
    letters.fill(mail, told)
    return mail


def _headed(about: tuple[str, str], sender: Mailbox, to: Mailbox, at: datetime) -> EmailMessage:
    """A mail with its headers; `about` are the row's id and the subject."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = safe(about[1], 150)
    mail["From"] = sender.header()
    mail["To"] = to.header()
    mail["Date"] = format_datetime(at.replace(tzinfo=None)).replace("-0000", "+0000")
    mail["Message-ID"] = f"<{about[0]}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    return mail


def _references(row: Row) -> tuple[str, ...]:
    """The mails about the same alerts to the same person: a mail program then shows them as one conversation."""
    for told in row.threads:
        if told.get("shares") and told.get("recipient") == row.recipient and told.get("references"):
            return tuple(str(each) for each in told["references"])
    return ()


def _text(message: Message) -> str:
    parts = ["\n".join(filter(None, [safe(message.heading), _for_whom(message)]))]
    for item in message.items[:MOST_ITEMS]:
        lines = [f"{safe(item.title)}: {about(item)}", *(_lines(item))]
        parts.append("\n".join([*lines, *([f"  > {safe(item.quote, LONGEST_QUOTE)}"] if item.quote else ())]))
    return "\n\n".join([*parts, *_more(message), f"Message {message.id}"]) + "\n"


def _html(message: Message) -> str:
    parts = [f"<p><strong>{escape(safe(message.heading))}</strong><br>{escape(_for_whom(message))}</p>"]
    for item in message.items[:MOST_ITEMS]:
        lines = "".join(f"<br>{escape(line.strip())}" for line in _lines(item))
        parts.append(f"<p><strong>{escape(safe(item.title))}</strong>: {escape(about(item))}{lines}</p>")
        if item.quote:
            parts.append(f"<blockquote>{escape(safe(item.quote, LONGEST_QUOTE))}</blockquote>")
    parts += [f"<p>{escape(line)}</p>" for line in _more(message)]
    parts.append(f"<p><small>Message {message.id}</small></p>")
    return "<!doctype html>\n<html><body>\n" + "\n".join(parts) + "\n</body></html>\n"


def _for_whom(message: Message) -> str:
    to = safe(message.to.name, 80)
    return f"For {to} ({safe(message.why, 80)})" if to and message.why else f"For {to}" if to else ""


def _lines(item: Item) -> list[str]:
    told = [safe(item.message), why(item), f"Since {safe(item.since, 40)}" if item.since else ""]
    return [f"  {line}" for line in [*told, f"gtm alerts show {safe(item.alert, 40)}"] if line]


def _more(message: Message) -> list[str]:
    more = len(message.items) - MOST_ITEMS
    return [f"And {more} more; `gtm alerts list` has them all."] if more > 0 else []
