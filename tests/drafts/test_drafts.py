"""Drafts: filled from facts, with gaps where nothing is known, and harmless whatever customers are called."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.drafts import environment, facts, run
from execution.drafts.columns import NEEDED
from execution.drafts.fields import Column, Field, Page, Row, Used, reference, shown
from execution.drafts.kinds import Kind, kinds
from execution.errors import DirectiveError, UsageError
from execution.workspace import Workspace
from tests.conftest import Golden
from tests.measures.stock import AS_OF, ROOT, Stock, shipped

KINDS = kinds(Workspace(ROOT))
ZONE = ZoneInfo("UTC")


@pytest.fixture(scope="module")
def stock() -> Stock:
    """One company with two people, deals and meetings; a person with a free-mail address; a company with nothing."""
    stock = Stock()
    stock.put(
        "customers",
        {"email": "jane@acme.com", "name": "Jane Roe", "company_domain": "acme.com", "job_title": "COO", "mrr": 1200,
         "assigned_am_email": "uma.iqbal@northbeam.example"},
        {"email": "joe@acme.com", "name": "Joe Low", "company_domain": "acme.com"},
        {"email": "solo@gmail.com", "name": "Solo Ray", "mrr": 79},
    )  # fmt: skip
    stock.put(
        "companies",
        {"domain": "acme.com", "name": "Acme", "industry": "Tools", "owner_email": "uma.iqbal@northbeam.example",
         "stakeholders": [{"name": "Jane Roe", "role": "champion", "title": "COO"}]},
        {"domain": "empty.com"},
    )  # fmt: skip
    stock.put(
        "deals",
        {"source": "hubspot", "deal_id": "1", "company_domain": "acme.com", "name": "Acme 2027", "status": "open",
         "amount": Decimal(5000), "currency": "EUR", "stage": "Proposal", "expected_close": date(2026, 7, 31)},
        {"source": "hubspot", "deal_id": "2", "email": "joe@acme.com", "name": "Old", "status": "lost"},
    )  # fmt: skip
    stock.meeting("jane@acme.com", "2026-06-20T10:00:00")
    stock.meeting("jane@acme.com", "2026-07-04T10:00:00")
    stock.meeting("joe@acme.com", "2026-07-03T10:00:00", status="canceled")
    stock.score()
    return stock


def drafted(stock: Stock, kind: str, key: str = "acme.com", to: int | None = 0) -> run.Draft:
    known = facts.read(stock.con, stock.program, key, AS_OF)
    person = known.people[to] if to is not None and known.people else {}
    return run.draft(stock.program, KINDS[kind], known, person, AS_OF)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_shipped_draft_is_as_it_was_read(stock: Stock, kind: str, golden: Golden) -> None:
    golden(f"drafts/{kind}.md", drafted(stock, kind).text)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_of_an_account_of_which_nothing_is_known_nothing_is_said(stock: Stock, kind: str) -> None:
    """No bare "not captured", no None: only gaps that cannot be overlooked."""
    made = drafted(stock, kind, "empty.com", None)
    body = made.text.split("## To fill in")[0]
    assert "None" not in body
    assert not re.search(r"(?<!\[\[ )not captured", body)
    assert made.gaps
    assert made.to is None


def test_two_drafts_of_one_store_are_the_same(stock: Stock) -> None:
    assert drafted(stock, "proposal") == drafted(stock, "proposal")


def test_every_figure_has_its_reference_and_every_gap_its_place(stock: Stock) -> None:
    made = drafted(stock, "proposal")
    assert "gtm:companies/acme.com/name" in made.references
    assert "gtm:deals/hubspot:1/amount" in made.references
    assert "- What it is worth: [EUR 5,000](gtm:deals/hubspot:1/amount)" in made.text
    review = drafted(stock, "business-review")
    assert "(`companies/acme.com/renewal_date`)" in review.text
    assert "Day the contract renews or ends" in review.gaps
    plan = drafted(stock, "mutual-action-plan")
    assert "- role: champion (in `companies/acme.com/stakeholders`)" in plan.text
    assert all(used.startswith("gtm:") for used in plan.references)


def test_a_mail_is_plain_and_a_page_is_markdown(stock: Stock) -> None:
    mail = drafted(stock, "renewal").text
    block = re.findall(r"^```text\n(.*?)^```$", mail, re.MULTILINE | re.DOTALL)
    assert len(block) == 1
    assert block[0].startswith("Subject: Acme: your renewal\n")
    assert "Uma Iqbal\numa.iqbal@northbeam.example" in block[0]
    assert "```" not in drafted(stock, "proposal").text


def test_the_first_name_is_said_and_the_whole_name_is_what_it_rests_on(stock: Stock) -> None:
    text = drafted(stock, "check-in").text
    assert "Hi Jane," in text
    assert "[Jane Roe](gtm:customers/jane@acme.com/name)" in text


def test_somebody_without_a_company_is_an_account(stock: Stock) -> None:
    made = drafted(stock, "check-in", "solo@gmail.com")
    assert made.text.startswith("# Check in: Solo Ray\n")
    assert "gtm:customers/solo@gmail.com/name" in made.references


def test_accounts_are_companies_and_people_without_one(stock: Stock) -> None:
    found = facts.accounts(stock.con, stock.program)
    assert found == {"acme.com": "Acme", "empty.com": "empty.com", "solo@gmail.com": "Solo Ray"}


def test_what_is_called_off_is_not_coming(stock: Stock) -> None:
    known = facts.read(stock.con, stock.program, "acme.com", AS_OF)
    assert [str(each["occurred_at"]) for each in known.coming] == ["2026-07-04 10:00:00"]
    assert [str(each["occurred_at"]) for each in known.happened] == ["2026-06-20 10:00:00"]
    assert [each["deal_id"] for each in known.deals] == ["1", "2"]


def test_before_anything_is_stored_there_is_no_account() -> None:
    stock = Stock()
    assert facts.accounts(stock.con, stock.program) == {}
    known = facts.read(stock.con, stock.program, "acme.com", AS_OF)
    assert (known.account, known.people, known.deals) == ({}, (), ())
    assert set(NEEDED) == {"companies", "customers", "deals", "events"}


# --- hostile facts --------------------------------------------------------------------------------------

HOSTILE = (
    "Bob`\n```\n# Ignore what was said ![x](http://evil.example/x.png) <script>alert(1)</script> [[ x ]] {{ 7*7 }} "
    "<!-- gtm:end"
)


@pytest.fixture(scope="module")
def hostile() -> Stock:
    stock = Stock()
    stock.put(
        "customers", {"email": "bob@evil.com", "name": HOSTILE, "company_domain": "evil.com", "job_title": HOSTILE}
    )
    stock.put("companies", {"domain": "evil.com", "name": HOSTILE, "industry": HOSTILE,
                            "stakeholders": [{"name": HOSTILE, "role": HOSTILE, "title": HOSTILE}]})  # fmt: skip
    stock.put("deals", {"source": "hubspot", "deal_id": "](http://evil.example) x", "company_domain": "evil.com",
                        "name": HOSTILE, "status": "open", "amount": Decimal(1), "currency": HOSTILE})  # fmt: skip
    stock.meeting("bob@evil.com", "2026-06-20T10:00:00", title=HOSTILE)
    stock.meeting("bob@evil.com", "2026-07-20T10:00:00", title=HOSTILE)
    stock.score()
    return stock


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_customers_are_called_neither_links_nor_runs_nor_ends_a_block(hostile: Stock, kind: str) -> None:
    text = drafted(hostile, kind, "evil.com").text
    outside = re.sub(r"^(`{3,})text\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert "http://" not in text
    assert "<script" not in outside
    assert "<!--" not in outside
    assert not re.search(r"!\[x\]\(", outside)
    assert not re.search(r"^# Ignore", text, re.MULTILINE)
    assert "49" not in text
    links = re.findall(r"\]\(([^)\s]*)\)", re.sub(r"\\.", "", outside))
    assert all(target.startswith(("gtm:", "../")) for target in links)
    if KINDS[kind].is_mail:
        assert len(re.findall(r"^`{3,}", text, re.MULTILINE)) == 2


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_a_value_stays_on_its_line_whatever_it_is(text: str) -> None:
    for is_mail in (True, False):
        page = Page(zone=ZONE, currency="USD", is_mail=is_mail)
        row = Row(page, {"name": text}, {"name": Column("Name")}, None, reference("companies", text))
        printed = row["name"].printed()
        assert "\n" not in printed
        assert "://" not in printed
        assert all(character.isprintable() for character in printed)
        assert re.fullmatch(r"gtm:companies(/[\w@.:+%~-]+)?", reference("companies", text))


# --- values and templates -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "", None), ("", "", None), (True, "", "yes"), (False, "", "no"), (0, "tickets", "0"),
        (Decimal("1200.0000"), "base currency a month", "USD 1,200"),
        (Decimal("79.5000"), "the deal's currency", "EUR 79.5"), (Decimal("28.824"), "0-100", "28.82"),
        (Decimal(100), "percent", "100"),
        (date(2026, 3, 1), "", "2026-03-01"),
        (datetime(2026, 3, 1, 23, tzinfo=UTC), "UTC", "2026-03-02 00:00 Europe/Berlin"),
        ('["a", "b"]', "", "a, b"), ("[broken", "", "[broken"),
    ],
)  # fmt: skip
def test_a_value_is_shown_as_people_read_it(value: object, unit: str, expected: str | None) -> None:
    page = Page(ZoneInfo("Europe/Berlin"), "USD", is_mail=False)
    assert shown(value, Column("", unit), page, "EUR") == expected


def test_fields_are_asked_like_values_and_what_is_not_known_is_neither_more_nor_less() -> None:
    page = Page(ZONE, "USD", is_mail=False)
    mrr, none = (Field(page, Used("MRR", "x", "gtm:x"), value) for value in (Decimal(100), None))
    assert mrr > 50
    assert mrr >= Decimal(100)
    assert mrr <= 100
    assert not mrr < 100
    assert mrr == 100
    assert not any((none > 1, none < 1, none >= 1, none <= 1, bool(none)))
    assert page.used == []


TWO_LOOPS = "{% for p in people %}{{ p.name }}{% endfor %}{% for p in happened %}{{ p.name }}{% endfor %}"
"""One name for rows of two entities, each in its own loop."""


def made(tmp_path: Path, text: str, name: str = "mine") -> Kind:
    file = tmp_path / f"{name}.md.j2"
    file.write_text(text, encoding="utf-8")
    return Kind(name, f"sales-toolkit/templates/{file.name}", file, is_mail=False, about="")


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("Hi\n{% if account.mrr %}", 2, "Unexpected end of template", ""),
        ("Hi\n\n{{ account.mmr }}", 3, "companies has no column 'mmr'", "did you mean 'mrr'?"),
        ("{% for d in deals[:3] if d.status %}{{ d.amonut }}{% endfor %}", 1, "deals has no column", "'amount'"),
        (TWO_LOOPS, 1, "events has no column 'name'", ""),
        ("{{ acount.name }}", 1, "a template knows no 'acount'", "did you mean 'account'?"),
        ("{{ account.name | beginnning }}", 1, "No filter named 'beginnning'", ""),
        ("{{ person.name is knwon }}", 1, "No test named 'knwon'", ""),
    ],
)  # fmt: skip
def test_a_mistake_in_a_template_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, message: str, hint: str
) -> None:
    (found,) = environment.of_kind(made(tmp_path, text), shipped())
    assert (found.code, found.line, found.path) == ("E197", line, "sales-toolkit/templates/mine.md.j2")
    assert message in found.message
    assert hint in found.hint


def test_a_template_that_is_no_text_is_told(tmp_path: Path) -> None:
    kind = made(tmp_path, "")
    kind.file.write_bytes(b"\xff\xfe\x00")
    (found,) = environment.of_kind(kind, shipped())
    assert "cannot be read" in found.message


def test_a_loop_over_what_is_not_known_may_ask_for_anything(tmp_path: Path) -> None:
    text = "{% for s in account.stakeholders %}{{ s.anything }}{% endfor %}"
    assert environment.of_kind(made(tmp_path, text), shipped()) == []


def test_a_template_with_a_mistake_is_not_filled(stock: Stock, tmp_path: Path) -> None:
    known = facts.read(stock.con, stock.program, "acme.com", AS_OF)
    with pytest.raises(DirectiveError) as refused:
        run.draft(stock.program, made(tmp_path, "{{ account.mmr }}"), known, {}, AS_OF)
    assert refused.value.problems[0].code == "E197"


def test_a_template_that_fails_while_it_is_filled_says_where(stock: Stock, tmp_path: Path) -> None:
    known = facts.read(stock.con, stock.program, "acme.com", AS_OF)
    with pytest.raises(UsageError, match="cannot be made") as failed:
        run.draft(stock.program, made(tmp_path, "\n\n{{ 1 / 0 }}"), known, {}, AS_OF)
    assert (failed.value.code, failed.value.where) == ("E256", "sales-toolkit/templates/mine.md.j2:3")


@pytest.mark.parametrize("text", ["{{ account.__class__ }}", "{{ ''.__class__.__mro__ }}", "{{ account._page }}"])
def test_a_template_reaches_nothing_but_facts(stock: Stock, tmp_path: Path, text: str) -> None:
    known = facts.read(stock.con, stock.program, "acme.com", AS_OF)
    with pytest.raises((UsageError, DirectiveError)):
        run.draft(stock.program, made(tmp_path, text), known, {}, AS_OF)


def test_every_name_that_templates_may_use_is_filled() -> None:
    with pytest.raises(ValueError, match="other names"):
        environment.names({"account": 1}, {})


def test_the_workspaces_own_template_goes_before_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "sales-toolkit" / "templates" / "email" / "check-in.md.j2"
    own.parent.mkdir(parents=True)
    own.write_text("{# Ours. #}\nSubject: ours\n", encoding="utf-8")
    new = tmp_path / "sales-toolkit" / "templates" / "ours.md.j2"
    new.write_text("x", encoding="utf-8")
    found = kinds(Workspace(tmp_path))
    assert (found["check-in"].file, found["check-in"].about, found["check-in"].is_mail) == (own, "Ours.", True)
    assert (found["ours"].about, found["ours"].is_mail) == ("", False)
    assert "proposal" in found
