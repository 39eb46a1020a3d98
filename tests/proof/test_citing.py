"""Which figures of a Markdown file cite what, and which cite nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.proof.citing import Cell, Misread, Named, cited, target_of


def figures(text: str) -> list[str]:
    return [figure.text for figure in cited(text).figures]


def test_a_reference_is_a_link_with_the_figure_as_its_text() -> None:
    found = cited("# Acme\n\nThey pay **[USD 1,200](gtm:companies/acme.com/mrr)** a month.\n").references
    (reference,) = found
    assert (reference.line, reference.column, reference.written) == (3, 12, "USD 1,200")
    assert reference.target == Cell("companies", "acme.com", "mrr")


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("gtm:customers/jane@acme.com/health_score", Cell("customers", "jane@acme.com", "health_score")),
        ("gtm:customers/j%40a.com/mrr?as_of=2026-11-01", Cell("customers", "j@a.com", "mrr", "2026-11-01")),
        ("gtm:deals/hubspot:123/amount", Cell("deals", "hubspot:123", "amount")),
        ("gtm:events/calendly:https%3A%2F%2Fx.y%2F1/title", Cell("events", "calendly:https://x.y/1", "title")),
        ("gtm:events/calendly:a/b/c/title", Cell("events", "calendly:a/b/c", "title")),
        ("gtm:#churned", Named("churned")),
    ],
)
def test_what_a_reference_names(href: str, target: object) -> None:
    assert target_of(href) == target


@pytest.mark.parametrize(
    "href",
    [
        "gtm:",
        "gtm:#",
        "gtm:acme.com",
        "gtm:a/b",
        "gtm:a//b",
        "gtm:/a/b",
        "gtm:a/%ff/b",
        "gtm:a/%00/b",
        "gtm:a/b/c?to=x",
    ],
)
def test_a_reference_that_names_nothing_says_why(href: str) -> None:
    target = target_of(href)
    assert isinstance(target, Misread)
    assert target.reason
    assert target.hint


def test_a_path_out_of_the_workspace_is_but_an_entity_that_there_is_not() -> None:
    assert target_of("gtm:../../etc/passwd") == Cell("..", "../etc", "passwd")


def test_what_is_meant_as_a_reference_and_is_no_link_is_told() -> None:
    found = cited("see gtm:companies/acme.com/mrr and `gtm:companies/x/y`\n\n[1]: gtm:companies/acme.com/mrr\n")
    assert [(each.line, type(each.target)) for each in found.references] == [(1, Misread), (3, Misread)]


def test_angle_brackets_and_titles_belong_to_links() -> None:
    found = cited('[a](<gtm:customers/x y/mrr>) [b](gtm:a/b/c "title") \\[c](x) [d](https://x.y)').references
    assert [each.target for each in found] == [Cell("customers", "x y", "mrr"), Cell("a", "b", "c")]


def test_code_comments_frontmatter_and_generated_text_say_nothing() -> None:
    text = """---
mrr: 1200
---
`12` and ``13 ` 14``
```text
15 [16](gtm:a/b/c)
```
~~~
17
~~~
<!-- 18 [19](gtm:a/b/c)
20 -->
<!-- gtm:begin compact acme.com 0000000000000000 from 0000000000000000 -->
21 [22](gtm:a/b/c)
<!-- gtm:end compact -->
23
"""
    found = cited(text)
    assert found.references == ()
    assert [(figure.line, figure.text) for figure in found.figures] == [(16, "23")]


def test_named_queries_are_kept_with_their_line() -> None:
    found = cited(
        "x\n```sql churned\nselect 1\n```\n```sql\nselect 2\n```\n```sql two\na\n```\n```sql two\nb\n```\n"
    ).queries
    assert (found["churned"].sql, found["churned"].line, found["churned"].is_alone) == ("select 1", 3, True)
    assert not found["two"].is_alone
    assert set(found) == {"churned", "two"}


def test_a_fence_that_is_never_closed_reaches_to_the_end() -> None:
    found = cited("```sql open\nselect 1\n12\n")
    assert found.queries["open"].sql == "select 1\n12"
    assert found.figures == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They pay USD 1,200.50 a month", ["USD 1,200.50"]),
        ("up 12 % to $1.2M, 28.8/100, 3x, -7", ["12 %", "$1.2M", "28.8/100", "3x", "-7"]),
        ("10-15 people and 5\u20136 more", ["10-15", "5\u20136"]),
        ("## 5 of 7 accounts\n1. first\n2) second 9", ["5", "7", "9"]),
        ("- [ ] call 3 people", ["3"]),
        ("| 4 | **5** |", ["4", "5"]),
    ],
)
def test_figures_without_a_source_are_found(text: str, found: list[str]) -> None:
    assert figures(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "# 2026-11-21 Call with Jane",
        "on 3 May 2026, May 3, 2026-05, at 12:30, 31.12.2026, in 2026 or 2026/27, in Q4",
        "v1.2.3 and 1.2.3, INV-2024-001, #123, abc123, SOC2, 123456789012",
        "mail j2@x3.com, https://x.y/1?z=2, www.x4.com/5, [text](https://x.y/3)",
        "call +49 30 123456-7",
        "> we have 300 users",
        "see step 3, page 4, version 2, section 1.2",
        "a note[^1]\n\n[^1]: from page 7",
        "1. one\n2. two\n\n## 3. Three",
    ],
)
def test_dates_names_and_numbering_are_no_figures(text: str) -> None:
    assert figures(text) == []


def test_a_figure_with_a_source_is_not_one_without() -> None:
    assert figures("[14](gtm:#all) of [20](gtm:a/b/c), [3 files](https://x.y)") == ["3"]


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "`",
        "``a`",
        "<!--",
        "1,",
        "1.",
        "[a](gtm:",
        "](a(",
        "a://",
        "<",
        "a@",
        "a.",
        "[\\",
        "+1 ",
        "-1",
        "# ",
        "~~~\n",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    start = time.process_time()
    cited(piece * 20_000)
    assert time.process_time() - start < 3


@given(st.text(alphabet=st.sampled_from("[]()`<>!#-*|.,:/\\ \n\r\t0159aZgtm%$€@~_^\ud800\u202e"), max_size=300))
def test_no_text_breaks_it_and_places_are_in_the_text(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = cited(text)
    places = [(each.line, each.column) for each in found.references]
    places += [(each.line, each.column) for each in found.figures]
    for line, column in places:
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1])
