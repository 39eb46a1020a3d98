"""Mail to a real server on this machine: what arrives is read by a mail parser."""

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.actions.mailroom import NOW, Office, item, person, told
from tests.actions.receivers import Mailbag, mail_server

CHANNEL = (
    "  mail: {{type: email, enabled: true, host: 127.0.0.1, port: {port}, security: none, timeout: 2s, "
    "from: 'Alerts <alerts@us.example>'{more}}}\n"
)


def office_at(root: Path, bag: Mailbag, more: str = "") -> Office:
    return Office.at(root, CHANNEL.format(port=bag.port, more=more))


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    text: str = found.get_content()
    return text


def test_a_mail_says_who_why_and_what(tmp_path: Path) -> None:
    with mail_server() as bag:
        office = office_at(tmp_path, bag)
        id_ = office.put(told(item(quote="we leave <b>now</b>"), to=person("zoë")), channel="mail")
        payload = told(to=person(email="zoe@us.example", name="Zoë Šárka"))
        other = office.put(payload, channel="mail", recipient="zoe")
        assert office.deliver().count("dead") == 1, "an address with an ë is none that we write to"
    assert office.row(id_)["last_error"] == "the recipient has no e-mail address that can be written to"
    (mail,) = bag.mails
    assert mail["To"].addresses[0].display_name == "Zoë Šárka"
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Gone quiet", "auto-generated")
    assert mail["Message-ID"] == f"<{other}@us.example>"
    assert mail["Date"].datetime == (NOW - timedelta(minutes=1))
    assert "Because" not in mail["Subject"]
    assert "Bob Ray has been quiet for 31 days" in part(mail, "plain")
    assert "days_quiet 31, health_score 38" in part(mail, "html")


def test_later_mails_about_an_alert_are_answers_to_the_first(tmp_path: Path) -> None:
    with mail_server() as bag:
        office = office_at(tmp_path, bag)
        first = office.put(told(), channel="mail")
        office.deliver()
        office.put(told(kind="resolved"), channel="mail", occasion="resolved")
        office.put(told(kind="resolved"), channel="mail", occasion="resolved", recipient="bo")
        office.deliver(after=timedelta(minutes=1))
    references = [mail["References"] for mail in bag.mails]
    assert sorted(str(each) for each in references) == sorted(["None", f"<{first}@us.example>", "None"])
    assert bag.mails[1]["Subject"].startswith("Resolved: ")


@pytest.mark.parametrize(
    ("answer", "ending", "error"),
    [
        ("451 try later", "again", "the mail server answered 451"),
        ("554 spam", "again", "the mail server answered 554"),
        ("drop", "again", "unclear: the mail server did not answer (SMTPServerDisconnected)"),
    ],
)
def test_what_the_server_answers(tmp_path: Path, answer: str, ending: str, error: str) -> None:
    with mail_server(answer) as bag:
        office = office_at(tmp_path, bag)
        id_ = office.put(told(), channel="mail")
        assert [one.ending for one in office.deliver().handled] == [ending]
        assert office.row(id_)["last_error"] == error
        assert office.deliver(after=timedelta(hours=1)).count("done") == 1
    assert {mail["Message-ID"] for mail in bag.mails} == {f"<{id_}@us.example>"}, "one mail to whoever keeps by id"


def test_nobody_there_is_dead_at_once_and_told(tmp_path: Path) -> None:
    with mail_server() as bag:
        office = office_at(tmp_path, bag)
        id_ = office.put(told(to=person("nobody")), channel="mail")
        office.deliver()
    assert (office.row(id_)["state"], office.row(id_)["last_error"]) == (
        "dead",
        "the server refused the recipient (550)",
    )
    assert [line["event"] for line in office.rows("FROM ops.alert_log")] == ["dead"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_login_and_one_that_is_refused(tmp_path: Path) -> None:
    login = ", username: env:MAIL_USER, password: env:MAIL_PASSWORD"
    with mail_server(login=True) as bag:
        office = office_at(tmp_path / "a", bag, login)
        office.put(told(), channel="mail")
        assert office.deliver().count("done") == 1
        wrong = Office.at(tmp_path / "b", CHANNEL.format(port=bag.port, more=login), {"MAIL_PASSWORD": "wr0ng-p4ss"})
        id_ = wrong.put(told(), channel="mail")
        wrong.deliver()
    assert set(bag.logins) == {"bot"}
    assert wrong.row(id_)["last_error"] == "the mail server refused the login (535)"
    assert "wr0ng" not in wrong.everything()


def test_a_server_without_what_is_asked_for_gets_nothing(tmp_path: Path) -> None:
    with mail_server() as bag:
        channel = CHANNEL.format(port=bag.port, more="").replace("security: none", "security: starttls")
        office = Office.at(tmp_path, channel)
        id_ = office.put(told(), channel="mail")
        office.deliver()
    assert bag.mails == []
    assert office.row(id_)["last_error"] == "the mail server does not offer what security: or login asks for"


def test_no_server_at_all(tmp_path: Path) -> None:
    office = Office.at(tmp_path, CHANNEL.format(port=9, more=""))
    id_ = office.put(told(), channel="mail")
    office.put(told(item("a2")), channel="mail")
    assert office.deliver().waiting == 1
    assert office.row(id_)["last_error"] in {None, "the mail server cannot be reached (ConnectionRefusedError)"}


def test_as_a_test_everything_goes_to_the_test_address(tmp_path: Path) -> None:
    with mail_server() as bag:
        office = office_at(tmp_path, bag, ", test: test@us.example")
        office.put(told(), channel="mail")
        assert office.deliver().count("done") == 1
    assert bag.recipients == [["test@us.example"]]
    assert bag.mails[0]["Subject"] == "[TEST] Gone quiet"
