"""Commands as they are written down, and the command line that they are held against."""

import shlex

import pytest

from execution.agents import commands
from execution.cli.grammar import Grammar
from execution.directives.places import Text


def test_commands_are_found_in_spans_and_line_by_line_in_blocks() -> None:
    text = Text(
        "x.md",
        "Run `gtm status`, not `gtmx`.\n\n```sh\ngtm query 'a b' --json  # why\n$ gtm alerts list\necho gtm\n```\n",
    )
    found = list(commands.written_in(text))
    assert [(each.text, each.is_whole) for each in found] == [
        ("gtm query 'a b' --json", True),
        ("gtm alerts list", True),
        ("gtm status", False),
    ]
    assert all(text.content[each.at :].startswith(each.text) for each in found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gtm query 'select 1 | 2' --json | jq .", [["query", "select 1 | 2", "--json"]]),
        ("gtm a && gtm b; gtm c > x", [["a"], ["b"], ["c"]]),
        ("echo gtm status", []),
        ("gtm query 'open", []),
        ("gtm query '' x", [["query", "", "x"]]),
        ("gtm", [[]]),
    ],
)
def test_the_words_of_every_call(text: str, words: list[list[str]]) -> None:
    assert list(commands.calls(text)) == words


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ('gtm query "select $who" --param who=x', "$who"),
        ("gtm query 'select $who'", None),
        (r'gtm query "select \$who"', None),
        ("""gtm query 'it is "$who"'""", None),
        ('gtm query "costs 5 $"', None),
    ],
)
def test_what_the_shell_takes_out_of_double_quotes(text: str, taken: str | None) -> None:
    assert commands.taken_by_the_shell(text) == taken


def test_placeholders_stand_in_words_and_not_in_sql() -> None:
    words = ["query", "SELECT a FROM b", "--param", "who=EMAIL", "DAY"]
    assert list(commands.placeholders_in(words)) == ["EMAIL", "DAY"]
    assert commands.filled(words, {"EMAIL": "a@x.com"}) == ["query", "SELECT a FROM b", "--param", "who=a@x.com", "DAY"]


# --- the real command line ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "status --json",
        "query 'select 1' --param a=b --limit 5 --json",
        "-w somewhere alerts list --mine --json",
        "revenue --by week --json",
        "revenue customer jane@acme.com --json",
        "explain acme.com --since 2026-01-31",
        "brief --help",
    ],
)
def test_calls_that_can_be_made(words: str) -> None:
    assert Grammar().flaw(shlex.split(words), is_whole=True) is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("sttaus", "there is no verb 'sttaus'"),
        ("alerts lst", "no such command 'lst'"),
        ("alerts", "a verb is missing after 'alerts'"),
        ("status --jsno", "no such option"),
        ("query x --format pdf", "invalid value"),
        ("query x --limit many", "invalid value"),
        ("explain", "missing argument"),
        ("brief a b", "unexpected extra argument"),
        ("query x --limit", "requires an argument"),
        ("", "a verb is missing"),
    ],
)
def test_calls_that_cannot(words: str, message: str) -> None:
    flaw = Grammar().flaw(shlex.split(words), is_whole=True)
    assert flaw is not None
    assert message in flaw.message


@pytest.mark.parametrize("words", ["alerts", "explain", "brief", "triggers simulate"])
def test_a_verb_may_be_named_without_all_that_it_needs(words: str) -> None:
    assert Grammar().flaw(words.split(), is_whole=False) is None
    assert Grammar().flaw(words.split(), is_whole=True) is not None
