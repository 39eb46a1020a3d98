"""Finished reports on their way: to real servers on this machine, once, harmless, and only where a directive says."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from string import ascii_letters, digits
from typing import Any

import pytest

from execution.actions.outbox import Row
from execution.reports import pdf
from execution.reports.deliver import Finished, Sent, deliver
from execution.reports.summary import lines
from execution.sandbox import Options, Running, start
from tests.actions.mailroom import NOW, Office
from tests.actions.receivers import mail_server
from tests.actions.test_hostile import NASTY
from tests.charts.figures_of_a_team import HOSTILE

MAIL = (
    "  mail: {type: email, enabled: true, host: 127.0.0.1, port: %d, security: none, timeout: 2s, "
    "from: gtm@us.example%s}\n"
)
TEAM = """\
---
kind: team
name: team
people:
  ada: {name: Ada Okoye, email: ada@us.example, role: ae}
  bo: {name: Bo Lind, email: bo@us.example, role: ae}
  cy: {name: Cy Gone, email: cy@us.example, left: 2026-01-01}
groups:
  sales: {members: [ada, bo, cy]}
  board: {members: [bo], email: board@us.example}
---
"""
TEXT = """\
# The week

As of 2026-06-01 12:00 (UTC).

## Money
MRR is **USD 1,200**.

| account | MRR |
|---|---:|
| Acme | USD 900 |
"""
WEEK = Finished("weekly", "The week", "25 to 31 May 2026", TEXT)


def report(*deliver: str, area: str = "team") -> str:
    listed = "".join(f"  - {each}\n" for each in deliver)
    head = f"kind: report\nname: weekly\narea: {area}\naudience: everybody\nperiod: 7d\nsections: [summary]"
    return f"---\n{head}\ndeliver:\n{listed}---\n"


def office_at(root: Path, channels: str, *ways: str, area: str = "team", **environment: str) -> Office:
    return Office.at(root, channels, environment, team=TEAM, weekly=report(*ways, area=area))


def send(office: Office, *finished: Finished, after: timedelta = timedelta(0), **more: Any) -> list[Sent]:  # noqa: ANN401
    reports = finished or (WEEK,)
    return list(deliver(office.workspace, office.program, office.environment, reports, NOW + after, **more))


def told(sent: list[Sent]) -> list[tuple[str, str]]:
    return [(one.to, one.ending) for one in sent]


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    text: str = found.get_content()
    return text


class Scripted:
    """A channel that does as it is told, then well."""

    def __init__(self, *script: Exception) -> None:
        self.script = list(script)
        self.rows: list[Row] = []

    def send(self, row: Row) -> dict[str, str]:
        """Note the row, and do the next thing."""
        self.rows.append(row)
        if self.script:
            raise self.script.pop(0)
        return {"sent": row.id}


# --- mail -------------------------------------------------------------------------------------------


def test_a_mail_has_the_first_lines_and_the_report_attached(tmp_path: Path) -> None:
    with mail_server() as bag:
        office = office_at(
            tmp_path, MAIL % (bag.port, ""), "{to: mail, recipients: ada, link: 'https://r.example/gtm'}"
        )
        assert told(send(office)) == [("ada", "done")]
    (mail,) = bag.mails
    assert bag.recipients == [["ada@us.example"]]
    assert mail["Subject"] == "The week · 25 to 31 May 2026"
    assert mail["To"].addresses[0].display_name == "Ada Okoye"
    assert part(mail, "plain").splitlines()[:9] == [
        "The week", "25 to 31 May 2026", "For Ada Okoye", "", "As of 2026-06-01 12:00 (UTC).", "MONEY",
        "MRR is USD 1,200.", "- account Acme, MRR USD 900", "",
    ]  # fmt: skip
    assert '<a href="https://r.example/gtm/weekly_25-to-31-May-2026.html">' in part(mail, "html")
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("weekly_25-to-31-May-2026.html", "text/html")
    page = attached.get_content()
    assert "<h1" in page
    assert "Content-Security-Policy" in page


def test_groups_are_their_people_and_everybody_hears_once(tmp_path: Path) -> None:
    with mail_server() as bag:
        way = "{to: mail, recipients: [sales, ada@us.example, board, bo], format: md}"
        sent = send(office_at(tmp_path, MAIL % (bag.port, ""), way))
    assert told(sent) == [("ada", "done"), ("bo", "done"), ("cy", "dropped"), ("board", "done")]
    assert sent[2].error == "Cy Gone has left"
    assert sorted(to for (to,) in bag.recipients) == [
        "ada@us.example", "bo@us.example", "board@us.example",
    ]  # fmt: skip
    (attached,) = bag.mails[0].iter_attachments()
    assert attached.get_content() == TEXT


def test_a_personal_report_is_sent_to_whom_it_is_of(tmp_path: Path) -> None:
    with mail_server() as bag:
        office = office_at(tmp_path, MAIL % (bag.port, ""), "{to: mail, recipients: user, format: md}", area="personal")
        sent = send(office, replace(WEEK, user="bo"), replace(WEEK, user="ada"), WEEK)
    assert told(sent) == [("bo", "done"), ("ada", "done"), ("user", "dropped")]
    assert sent[2].error == "the report is of nobody in particular"
    assert sorted(to for (to,) in bag.recipients) == ["ada@us.example", "bo@us.example"]


def test_a_report_is_sent_once_for_its_period_however_often_it_is_asked(tmp_path: Path) -> None:
    with mail_server() as bag:
        office = office_at(tmp_path, MAIL % (bag.port, ""), "{to: mail, recipients: ada}")
        assert told(send(office)) == [("ada", "done")]
        assert told(send(office, replace(WEEK, markdown="# Otherwise"), after=timedelta(hours=1))) == [("ada", "same")]
        assert told(send(office, replace(WEEK, period="the next"), after=timedelta(days=7))) == [("ada", "done")]
    assert len(bag.mails) == 2


def test_what_fails_is_tried_again_with_the_same_words_and_given_up_in_the_end(tmp_path: Path) -> None:
    retry = ", retry: {attempts: 3, first: 1m, factor: 2, jitter: 0}"
    with mail_server("451 later", "451 later") as bag:
        office = office_at(tmp_path, MAIL % (bag.port, retry), "{to: mail, recipients: ada}")
        first = send(office)
        assert told(first) == [("ada", "again")]
        assert first[0].error == "the mail server answered 451"
        changed = replace(WEEK, markdown="# Otherwise")
        assert told(send(office, changed, after=timedelta(seconds=30))) == [("ada", "waits")]
        assert told(send(office, changed, after=timedelta(minutes=2))) == [("ada", "again")]
        assert office.deliver(after=timedelta(minutes=10)).count("done") == 1, "the alerts' run sends it too"
    assert "MRR is USD 1,200." in part(bag.mails[0], "plain")
    with mail_server(*["451 later"] * 3) as bag:
        office = office_at(tmp_path / "b", MAIL % (bag.port, retry), "{to: mail, recipients: ada}")
        endings = [told(send(office, after=timedelta(hours=n)))[0][1] for n in range(4)]
    assert endings == ["again", "again", "dead", "dead"]
    (row,) = office.rows()
    assert (row["state"], row["last_error"]) == ("dead", "the mail server answered 451")


def test_two_runs_at_once_send_one_mail(tmp_path: Path) -> None:
    """The row's id is the key: whoever comes second finds it there."""
    office, sender = office_at(tmp_path, MAIL % (9, ""), "{to: mail, recipients: ada}"), Scripted()

    class Meanwhile(Scripted):
        def send(self, row: Row) -> dict[str, str]:
            assert told(send(office, make=lambda _: sender)) == [("ada", "waits")]
            return super().send(row)

    meanwhile = Meanwhile()
    assert told(send(office, make=lambda _: meanwhile)) == [("ada", "done")]
    assert (len(meanwhile.rows), len(sender.rows)) == (1, 0)


def test_after_an_attempt_that_may_have_arrived_the_mail_has_the_same_id(tmp_path: Path) -> None:
    with mail_server("drop") as bag:
        office = office_at(tmp_path, MAIL % (bag.port, ""), "{to: mail, recipients: ada}")
        assert told(send(office)) == [("ada", "again")]
        assert told(send(office, after=timedelta(hours=1))) == [("ada", "done")]
    assert len({mail["Message-ID"] for mail in bag.mails}) == 1


def test_what_arrived_keeps_no_copy_in_the_store(tmp_path: Path) -> None:
    office = office_at(tmp_path, MAIL % (9, ""), "{to: mail, recipients: ada}")
    send(office, make=lambda _: Scripted())
    assert json.loads(office.rows()[0]["payload"])["files"][0]["packed"]
    send(office, replace(WEEK, period="the next"), after=timedelta(days=7), make=lambda _: Scripted())
    assert [len(json.loads(row["payload"])["files"]) for row in office.rows()] == [0, 1]


def test_the_limit_of_the_channel_holds(tmp_path: Path) -> None:
    limit = ", rate_limit: {messages: 1, per: 1h}"
    office = office_at(tmp_path, MAIL % (9, limit), "{to: mail, recipients: [ada, bo]}")
    assert sorted(told(send(office, make=lambda _: Scripted()))) == [("ada", "done"), ("bo", "waits")]
    later = send(office, after=timedelta(hours=2), make=lambda _: Scripted())
    assert sorted(told(later)) == [("ada", "same"), ("bo", "done")]


def test_only_reports_are_sent(tmp_path: Path) -> None:
    office, sender = office_at(tmp_path, MAIL % (9, ""), "{to: mail, recipients: ada}"), Scripted()
    office.put({"title": "An alert", "to": {"email": "x@us.example"}, "items": []}, channel="mail")
    send(office, make=lambda _: sender)
    assert [row.do for row in sender.rows] == ["report"]


# --- what may leave ---------------------------------------------------------------------------------


def test_nothing_leaves_while_the_channel_is_not_enabled(tmp_path: Path) -> None:
    off = (MAIL % (9, "")).replace("enabled: true, ", "")
    office = office_at(tmp_path, off, "{to: mail, recipients: ada}")
    (sent,) = send(office, make=lambda _: Scripted(AssertionError()))
    assert (sent.ending, sent.error, sent.channel) == ("dropped", "channel not enabled", "mail")
    assert office.rows() == []


def test_a_dry_run_tells_and_changes_nothing(tmp_path: Path) -> None:
    office = office_at(tmp_path, MAIL % (9, ""), "{to: mail, recipients: ada}", "{to: file, path: reporting/shared}")
    before = sorted(tmp_path.rglob("*"))
    sent = send(office, dry_run=True, make=lambda _: Scripted(AssertionError()))
    assert told(sent) == [("ada", "would"), ("reporting/shared/weekly_25-to-31-May-2026.html", "would")]
    assert (office.rows(), sorted(tmp_path.rglob("*"))) == ([], before)
    send(office, make=lambda _: Scripted())
    assert [ending for _, ending in told(send(office, dry_run=True))] == ["same", "same"]


def test_a_test_goes_to_the_test_address_and_costs_nobody_the_report(tmp_path: Path) -> None:
    with mail_server() as bag:
        office = office_at(tmp_path, MAIL % (bag.port, ""), "{to: mail, recipients: ada}")
        (refused,) = send(office, test=True)
        assert refused.error == "test mode, and the channel names no test: address"
        office = office_at(tmp_path, MAIL % (bag.port, ", test: me@us.example"), "{to: mail, recipients: ada}")
        assert told(send(office, test=True)) == [("ada", "done")]
        office = office_at(tmp_path, MAIL % (bag.port, ""), "{to: mail, recipients: ada}")
        assert told(send(office)) == [("ada", "done")]
    assert bag.recipients == [["me@us.example"], ["ada@us.example"]]
    assert [mail["Subject"][:6] for mail in bag.mails] == ["[TEST]", "The we"]


def test_a_report_without_a_directive_or_without_deliver_goes_nowhere(tmp_path: Path) -> None:
    office = Office.at(tmp_path, MAIL % (9, ""), team=TEAM)
    assert send(office) == []


def test_a_pdf_that_nobody_prints_keeps_no_other_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "found", lambda: None)
    ways = ("{to: mail, recipients: ada, format: pdf}", "{to: mail, recipients: bo}")
    sent = send(office_at(tmp_path, MAIL % (9, ""), *ways), make=lambda _: Scripted())
    assert sorted(told(sent)) == [("ada", "dropped"), ("bo", "done")]
    assert "E295 there is no browser" in str(sent[0].error)


# --- files ------------------------------------------------------------------------------------------


def test_a_file_of_the_workspace_is_written_where_it_differs(tmp_path: Path) -> None:
    office = office_at(tmp_path, MAIL % (9, ""), "{to: file, path: reporting/shared, format: md}")
    file = tmp_path / "reporting/shared/weekly_25-to-31-May-2026.md"
    assert told(send(office)) == [("reporting/shared/weekly_25-to-31-May-2026.md", "done")]
    assert file.read_text(encoding="utf-8") == TEXT
    assert [one.ending for one in send(office)] == ["same"]
    assert [one.ending for one in send(office, replace(WEEK, markdown="# New\n"))] == ["done"]
    assert file.read_text(encoding="utf-8") == "# New\n"


def test_a_link_leads_no_report_out_of_the_workspace(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "w", tmp_path / "elsewhere"
    elsewhere.mkdir()
    office = office_at(root, MAIL % (9, ""), "{to: file, path: reporting/shared, format: md}")
    (root / "reporting").mkdir(exist_ok=True)
    (root / "reporting/shared").symlink_to(elsewhere)
    (sent,) = send(office)
    assert sent.ending == "dropped"
    assert "outside the workspace" in str(sent.error)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("period", ["../../etc/x", "a/b\\c", "\x00", "👩", "CON", "x" * 400, "", "."])
def test_whatever_a_period_is_called_the_file_is_one_of_its_folder(tmp_path: Path, period: str) -> None:
    office = office_at(tmp_path, MAIL % (9, ""), "{to: file, path: reporting/shared, format: md}")
    send(office, replace(WEEK, period=period))
    (file,) = (tmp_path / "reporting/shared").iterdir()
    assert file.name.startswith("weekly")
    assert len(file.name) < 120


def folder(path: Path, more: str = "") -> str:
    return f"  share: {{type: folder, enabled: true, path: '{path}'{more}}}\n"


def test_a_folder_outside_is_a_channel_like_any_other(tmp_path: Path) -> None:
    share = tmp_path / "share"
    office = office_at(tmp_path / "w", folder(share), "{to: file, via: share, path: team/sales, format: md}")
    (sent,) = send(office)
    assert (sent.ending, sent.error) == ("again", "the folder is not there"), "it is not made: it may not be mounted"
    assert not share.exists()
    share.mkdir()
    assert [one.ending for one in send(office, after=timedelta(hours=1))] == ["done"]
    assert (share / "team/sales/weekly_25-to-31-May-2026.md").read_text(encoding="utf-8") == TEXT


def test_a_link_leads_no_report_out_of_a_folder(tmp_path: Path) -> None:
    share, elsewhere = tmp_path / "share", tmp_path / "elsewhere"
    share.mkdir()
    elsewhere.mkdir()
    (share / "team").symlink_to(elsewhere)
    office = office_at(tmp_path / "w", folder(share), "{to: file, via: share, path: team, format: md}")
    (sent,) = send(office)
    assert (sent.ending, sent.error) == ("dead", "the report would stand outside the folder")
    assert list(elsewhere.iterdir()) == []


def test_an_alert_is_nothing_for_a_folder(tmp_path: Path) -> None:
    office = office_at(tmp_path / "w", folder(tmp_path), "{to: file, via: share, path: x}")
    id_ = office.put({"title": "An alert", "items": []}, channel="share")
    office.deliver()
    assert (office.row(id_)["state"], office.row(id_)["last_error"]) == ("dead", "a folder takes reports only")


# --- Slack ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def slack() -> Iterator[Running]:
    with start(Options(customers=0, vendors=("slack",), speed=0, max_seconds=200)) as running:
        yield running


SLACK = "  slack: {type: slack, enabled: true, token: env:SLACK_BOT_TOKEN, channel: '#customer-alerts'}\n"


def test_a_message_has_the_first_lines_and_a_way_to_the_whole(tmp_path: Path, slack: Running) -> None:
    way = "{to: slack, channel: '#customer-health', link: 'https://r.example/gtm'}"
    office = office_at(tmp_path, SLACK, way, **slack.environment)
    whole = replace(WEEK, file=Path("reporting/output/weekly/2026-06-01.md"))
    assert told(send(office, whole)) == [("#customer-health", "done")]
    assert told(send(office, whole)) == [("#customer-health", "same")]
    id_ = office.rows()[0]["id"]
    rooms = slack.truth("slack")
    (message,) = [
        each
        for each in rooms["customer-health"]
        if (each.get("metadata") or {}).get("event_payload", {}).get("id") == id_
    ]
    assert [block["type"] for block in message["blocks"]] == ["header", "context", "section", "actions", "context"]
    assert "MRR is USD 1,200." in message["blocks"][2]["text"]["text"]
    assert message["blocks"][3]["elements"][0]["url"] == "https://r.example/gtm/weekly_25-to-31-May-2026.html"
    said = message["blocks"][4]["elements"][0]["text"]
    assert said == "The whole report: reporting/output/weekly/2026-06-01[.]md"


# --- nothing that customers wrote does anything --------------------------------------------------------


@pytest.mark.parametrize("text", [*NASTY, HOSTILE])
def test_whatever_a_report_says_is_only_words_to_its_readers(text: str) -> None:
    from execution.actions.channels.email import mailbox
    from execution.actions.channels.email import report as mail_of
    from execution.actions.channels.letters import blocks
    from execution.actions.letter import Attached, Letter
    from execution.actions.message import Addressee
    from execution.sandbox.slack.checking import problem

    said = lines(f"# {text}\n\n{text}\n\n- {text}\n\n| {text} |\n|---|\n| {text} |\n")
    to = Addressee(text, "ann@us.example", None, None)
    letter = Letter("f" * 32, text, text, text, (*said, text), to, (Attached(text, "text/html", b"x"),), text, text)
    sender, receiver = mailbox("gtm@us.example"), mailbox("ann@us.example", text)
    assert sender is not None
    assert receiver is not None
    mail = mail_of(letter, sender, receiver, NOW)
    assert {name.lower() for name in mail} <= {
        "subject", "from", "to", "date", "message-id", "auto-submitted", "x-auto-response-suppress", "mime-version",
        "content-type",
    }  # fmt: skip
    html = part(mail, "html")
    assert not any(f"<{tag}" in html.lower() for tag in ("script", "img", "a ", "style", "h1", "table"))
    (attached,) = mail.iter_attachments()
    assert set(str(attached.get_filename())) <= set(ascii_letters + digits + "._-")
    plain = part(mail, "plain")
    for link in ("http://", "https://", "www.", "evil.example", "@evil", "mailto:", "javascript:"):
        assert link not in plain.lower().replace("hxxp", "")
    shown = blocks(letter)
    assert problem({"channel": "#c", "text": "t", "blocks": shown}) is None
    assert "mrkdwn" not in json.dumps(shown)
    assert '"url"' not in json.dumps(shown)


def test_the_first_lines_are_the_report_without_its_title_and_marks() -> None:
    told_ = lines(
        "# T\n<!-- gtm:begin a b c -->\nAs *of* [now](gtm:x/y)\n\n## Next\n1. `a`\n   - b\n\n> quote &amp; more\n"
    )
    assert told_ == ("As of now", "NEXT", "- a", "- b", "quote & more")
    many = "\n".join(f"| A{n} | {n} | |" for n in range(9))
    assert lines(f"| who | n | why |\n|---|---|---|\n{many}\n")[-2:] == ("- who A4, n 4", "- … 4 more")
    assert len(lines("\n\n".join("line" for _ in range(99)))) == 24
