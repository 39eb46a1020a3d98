"""Mistakes in where reports go: each named once, with its code, place and hint."""

import pytest

from tests.directives.small import problems
from tests.directives.small_reports import texts

PERSONAL, TEAMS = "directives/reports/own.md", "directives/reports/pulse.md"
ROUTING = "directives/policies/routing.md"
CHANNELS = """\
  mail: {type: email, host: mail.example, from: gtm@us.example}
  slack: {type: slack, token: env:SLACK_TOKEN, channel: "#all"}
  share: {type: folder, path: /srv/reports}
"""
WAYS = [
    "{to: file, path: reporting/shared}",
    "{to: file, via: share}",
    "{to: file, via: share, path: team/sales, format: pdf}",
    "{to: mail, recipients: mia, format: md, link: 'https://reports.example/gtm'}",
    "{to: mail, recipients: [success, mia@us.com], via: mail}",
    "{to: slack, channel: '#sales'}",
    "{to: slack, channel: C0123ABC, via: slack}",
]
MISTAKES = [
    # what is said, code, message, hint
    ("{to: §ftp, path: x}", "E118", "unknown way to deliver 'ftp'", "file"),
    ("§{path: x}", "E118", "which way to deliver", "write to: one of file, mail, slack"),
    ("{to: mail, recipients: §max}", "E131", "nobody 'max'", "mia"),
    ("{to: mail, recipients: [mia, §out@else.example]}", "E131", "the address out@else", "for the team"),
    ("{to: mail, recipients: §user}", "E131", "nobody 'user'", "of personal ones"),
    ("{to: mail, recipients: §'a b'}", "E113", "neither a name nor an address", "ada@example.com"),
    ("{to: mail, recipients: mia, via: §slack}", "E113", "'slack' is not a mail server", "mail"),
    ("{to: mail, recipients: mia, via: §mial}", "E131", "no channel 'mial'", "'mail'"),
    ("{to: mail, recipients: mia, link: §'http://x.example'}", "E113", "no https address", "https://"),
    ("{to: mail, recipients: mia, format: §doc}", "E113", "none of html, pdf, md", ""),
    ("{to: slack, channel: §sales}", "E113", "no channel of Slack", '"#sales"'),
    ("{to: slack, channel: '#s', via: §share}", "E113", "'share' is not Slack", "slack"),
    ("{to: file, path: §../elsewhere}", "E113", "no folder below another", "reporting/shared"),
    ("{to: file, path: §/srv/reports}", "E113", "no folder below another", "via:"),
    ("{to: file, path: §'C:\\x'}", "E113", "no folder below another", "via:"),
    ("{to: file, path: §customers/acme}", "E113", "not put into 'customers/acme'", "reporting/ or personal/"),
    ("§{to: file}", "E113", "not put into '.'", "via:"),
    ("{to: file, path: x, §folder: y}", "E111", "unknown key 'folder'", ""),
]  # fmt: skip


def files(way: str, report: str = TEAMS, channels: str = CHANNELS) -> dict[str, str]:
    """The small program, with one report that is delivered so."""
    found = texts()
    found[ROUTING] = found[ROUTING].replace("channels:\n", f"channels:\n{channels}")
    found[report] = found[report].replace("\n---\n", f"\ndeliver:\n  - {way}\n---\n", 1)
    return found


@pytest.mark.parametrize("way", WAYS)
def test_every_way_holds(way: str) -> None:
    assert problems(files(way)) == ()


def test_a_personal_report_may_go_to_its_own_person() -> None:
    assert problems(files("{to: mail, recipients: [user, mia]}", PERSONAL)) == ()


@pytest.mark.parametrize(("way", "code", "message", "hint"), MISTAKES)
def test_a_mistake_is_named_at_its_place(way: str, code: str, message: str, hint: str) -> None:
    (found,) = problems(files(way.replace("§", "")))
    text = files(way)[TEAMS]
    line = text[: text.index("§")].count("\n") + 1
    column = len(text[: text.index("§")].rpartition("\n")[2]) + 1
    assert (found.code, found.path, found.line, found.column) == (code, TEAMS, line, column), str(found)
    assert message in found.message
    assert hint in found.hint


@pytest.mark.parametrize(
    ("way", "noun"), [("{to: §mail, recipients: mia}", "a mail server"), ("{to: §slack, channel: '#s'}", "Slack")]
)
def test_a_way_without_a_channel_is_named(way: str, noun: str) -> None:
    (found,) = problems(files(way.replace("§", ""), channels=""))
    assert (found.code, found.message) == ("E131", f"there is no channel that is {noun}")
    assert ROUTING in found.hint


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("critical: {channels: [inbox]", "critical: {channels: [inbox, share]", "critical"),
        ("channels: hook, digest", "channels: share, digest", "sales"),
        ("to: success, channels: inbox", "to: success, channels: share", "daily"),
        ("{do: notify, to: owner}", "{do: notify, to: owner, channels: share}", "tell"),
    ],
)
def test_alerts_are_not_put_into_a_folder(old: str, new: str, where: str) -> None:
    given = files(WAYS[0])
    assert old in given[ROUTING]
    (found,) = problems(given | {ROUTING: given[ROUTING].replace(old, new, 1)})
    assert (found.code, found.message) == ("E113", "'share' is a folder: it takes reports only")
    assert where in given[ROUTING].splitlines()[found.line - 1]


@pytest.mark.parametrize("path", ["srv/reports", "../reports", "/srv/../etc", "~/reports"])
def test_a_folder_outside_is_a_whole_path(path: str) -> None:
    (found,) = problems(files(WAYS[0], channels=CHANNELS.replace("/srv/reports", path)))
    assert (found.code, "no whole path" in found.message) == ("E113", True)


def test_a_folder_may_be_named_by_a_variable() -> None:
    assert problems(files(WAYS[1], channels=CHANNELS.replace("/srv/reports", "env:GTM_SHARE"))) == ()
