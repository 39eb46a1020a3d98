"""Files against a store: what holds, what no longer does, and what cannot be told."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from execution.bootstrap.pipeline import moment
from execution.context import write
from execution.directives import read_folder
from execution.directives.locating import Places
from execution.engine import Connection
from execution.proof import verifying
from execution.proof.bounded import Asking
from execution.proof.cells import Ground, answers
from execution.proof.citing import Cell
from execution.proof.redrawing import Sheet, differences
from execution.proof.verifying import Checked, FileChecked
from execution.workspace import Workspace
from tests.measures.stock import AS_OF, ROOT, Stock, shipped

EARLIER = AS_OF - timedelta(days=10)


@pytest.fixture(scope="module")
def stock() -> Stock:
    """Ada, who does worse after a payment fails; Acme, and a deal of theirs in euros."""
    stock = Stock()
    ada = {"email": "ada@acme.com", "name": "Ada", "company_domain": "acme.com", "mrr": 400, "csat_score": 5}
    stock.put("customers", {**ada, "subscription_status": "active", "signup_date": "2025-01-01"})
    stock.put("customers", {"email": "new@gmail.com"})
    stock.put("companies", {"domain": "acme.com", "name": "Acme", "renewal_date": "2026-12-31"})
    stock.meeting("ada@acme.com", "2026-06-18 10:00", ended_at="2026-06-18 10:30")
    deal = {"source": "hubspot", "deal_id": "1", "name": "Renewal", "amount": 12000, "currency": "EUR"}
    stock.put("deals", {**deal, "company_domain": "acme.com", "status": "open"})
    stock.con.execute("INSERT INTO meta.sources VALUES ('hubspot', TIMESTAMP '2026-06-30 05:00')")
    stock.score(EARLIER)
    stock.con.execute("UPDATE core.customers SET is_delinquent = true WHERE name = 'Ada'")
    stock.score()
    return stock


@pytest.fixture
def sheet(stock: Stock, tmp_path: Path) -> Sheet:
    workspace = Workspace(tmp_path)
    program = replace(shipped(), settings=shipped().settings.model_copy(update={"briefs": ("all",)}))
    return Sheet(Ground(stock.con, program, moment), workspace, AS_OF)


def checked(sheet: Sheet, *texts: str | bytes) -> list[FileChecked]:
    files = {}
    for number, text in enumerate(texts):
        files[f"{number}.md"] = sheet.workspace.root / f"{number}.md"
        files[f"{number}.md"].write_bytes(text if isinstance(text, bytes) else text.encode())
    return verified(sheet, files)


def verified(sheet: Sheet, files: dict[str, Path], within_s: float = 10) -> list[FileChecked]:
    asking = Asking(sheet.ground.con.cursor(), sheet.ground, within_s)
    return verifying.verify(sheet, Places(read_folder(ROOT)), asking, files)


def one(sheet: Sheet, text: str) -> Checked:
    (file,) = checked(sheet, text)
    (reference,) = file.references
    return reference


# --- cells ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    [
        "[USD 400](gtm:customers/ada@acme.com/mrr)",
        "[400](gtm:customers/Ada@ACME.com/mrr)",
        "[2026-12-31](gtm:companies/acme.com/renewal_date)",
        "[acme](gtm:companies/ACME.com/name)",
        "[EUR 12,000](gtm:deals/hubspot:1/amount)",
        "[not captured](gtm:customers/new@gmail.com/mrr)",
        "[yes](gtm:customers/ada@acme.com/is_delinquent)",
        "[1](gtm:companies/acme.com/people)",
        "[12 days](gtm:customers/ada@acme.com/days_since_seen)",
    ],
)
def test_what_the_store_has_holds(sheet: Sheet, reference: str) -> None:
    found = one(sheet, reference)
    assert (found.outcome, found.reason) == ("holds", "")


def test_what_changed_is_told_with_where_it_comes_from_and_since_when(sheet: Sheet) -> None:
    found = one(sheet, "[99](gtm:customers/ada@acme.com/health_score)")
    assert found.outcome == "changed"
    assert found.source.startswith("score, directives/health/customer-health.md:")
    assert found.since == AS_OF
    measured = one(sheet, "[3](gtm:customers/ada@acme.com/days_since_seen)")
    assert measured.now == "12"
    assert measured.source.startswith("measure, directives/measures/activity.md:")
    owned = one(sheet, "[3](gtm:deals/hubspot:1/amount)")
    assert owned.now == "EUR 12,000"
    assert owned.source.endswith("hubspot as read 2026-06-30 05:00 UTC")


def test_money_is_of_the_base_currency_or_the_row_s(sheet: Sheet) -> None:
    assert one(sheet, "[EUR 400](gtm:customers/ada@acme.com/mrr)").reason == "it is in USD"
    assert one(sheet, "[$12,000](gtm:deals/hubspot:1/amount)").reason == "it is in EUR"


def test_a_score_of_the_past_is_what_its_history_says(sheet: Sheet) -> None:
    def cell(as_of: str | None) -> str:
        return one(sheet, f"[x](gtm:customers/ada@acme.com/health_status{as_of or ''})").now or ""

    then, now = cell("?as_of=2026-06-21"), cell(None)
    assert then == "healthy" != now
    score = answers(sheet.ground, [Cell("customers", "ada@acme.com", "health_score", "2026-06-21")])
    assert [type(each).__name__ for each in score.values()] == ["Found"]


@pytest.mark.parametrize(
    ("reference", "reason", "hint"),
    [
        ("[1](gtm:customer/ada@acme.com/mrr)", "no entity 'customer'", "did you mean 'customers'?"),
        ("[1](gtm:customers/ada@acme.com/mrrr)", "have no column 'mrrr'", "did you mean 'mrr'?"),
        ("[1](gtm:customers/ade@acme.com/mrr)", "no row 'ade@acme.com'", "did you mean 'ada@acme.com'?"),
        ("[1](gtm:customers/zz/mrr)", "no row 'zz'", "gtm query"),
        ("[1](gtm:deals/1/amount)", "no row '1'", "deals/hubspot:1"),
        ("[1](gtm:events/x:1/title)", "no row 'x:1'", "gtm query"),
        ("[1](gtm:subscriptions/stripe:1/status)", "no subscriptions yet", "gtm sync"),
        ("[1](gtm:../../etc/passwd)", "no entity '..'", "known here"),
        ("[1](gtm:customers/ada@acme.com/mrr?as_of=2026-06-21)", "does not keep what mrr was", "scores"),
        ("[1](gtm:customers/ada@acme.com/health_score?as_of=2020-01-01)", "begins on 2026-06-20", "later"),
        ("[1](gtm:customers/ada@acme.com/health_score?as_of=soon)", "'soon' is not a time", "2026-01-31"),
        ("[1](gtm:customers/ada@acme.com/risk_signals)", "a list of records", "the store has"),
        ("gtm:customers/ada@acme.com/mrr", "no link", "write it as"),
    ],
)
def test_what_cannot_be_told_says_why_and_never_holds(sheet: Sheet, reference: str, reason: str, hint: str) -> None:
    found = one(sheet, reference)
    assert found.outcome == "unverified"
    assert reason in found.reason
    assert hint in found.hint


def test_hundreds_of_references_are_asked_in_a_query_for_each_entity(sheet: Sheet) -> None:
    asked: list[str] = []

    class Counting:
        def execute(self, sql: str, params: object = None) -> Connection:
            asked.append(sql)
            return sheet.ground.con.execute(sql, params)

    ground = replace(sheet.ground, con=Counting())  # type: ignore[arg-type]
    columns = ["mrr", "health_score", "name", "health_status"]
    cells = [Cell("customers", "ada@acme.com", column) for column in columns] * 100
    cells += [Cell("companies", "acme.com", column) for column in ("name", "people")] * 100
    assert len(answers(ground, cells)) == 6
    assert len([sql for sql in asked if "list_contains" in sql]) == 2
    assert len(asked) <= 3


# --- queries --------------------------------------------------------------------------------------


def queried(sql: str, written: str = "1") -> str:
    return f"[{written}](gtm:#it)\n\n```sql it\n{sql}\n```\n"


def test_a_query_in_the_file_gives_the_figure(sheet: Sheet) -> None:
    assert one(sheet, queried("select count(*) from core.customers", "2")).outcome == "holds"
    assert one(sheet, queried("select sum(mrr) from core.customers;", "USD 400")).outcome == "holds"
    changed = one(sheet, queried("select count(*) from core.customers", "3 customers"))
    assert (changed.outcome, changed.now) == ("changed", "2")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("delete from core.customers", "only SELECT is allowed here, not DELETE"),
        ("select 1; select 2", "2 statement(s)"),
        ("select nope from core.customers", "nope"),
        ("", "is empty"),
        ("select 1 where false", "no row of 1 columns"),
        ("select 1, 2", "one row of 2 columns"),
        ("select * from range(3)", "more than one row"),
    ],
)
def test_a_query_that_gives_no_one_value_is_told(sheet: Sheet, sql: str, reason: str) -> None:
    found = one(sheet, queried(sql))
    assert found.outcome == "unverified"
    assert reason in found.reason
    assert sheet.ground.con.execute("SELECT count(*) FROM core.customers").fetchone() == (2,)


def test_a_query_that_takes_long_is_stopped(sheet: Sheet) -> None:
    file = sheet.workspace.root / "slow.md"
    file.write_text(queried("select count(*) from range(100000000000) a, range(1000000) b"), encoding="utf-8")
    start = time.monotonic()
    (found,) = verified(sheet, {"slow.md": file}, within_s=0.2)
    assert time.monotonic() - start < 5
    assert found.references[0].reason == "the query takes longer than 0.2 s"
    assert one(sheet, queried("select 1")).outcome == "holds"


def test_a_query_that_is_not_there_or_there_twice_is_told(sheet: Sheet) -> None:
    assert "no block ```sql it" in one(sheet, "[1](gtm:#it)").reason
    twice = queried("select 1") + "```sql it\nselect 1\n```\n"
    assert "two blocks are named" in one(sheet, twice).reason


# --- generated blocks -----------------------------------------------------------------------------


@pytest.fixture
def briefed(sheet: Sheet) -> Path:
    """Acme's brief as it is written."""
    template = sheet.workspace.root / "customers" / "templates" / "compact.md.j2"
    template.parent.mkdir(parents=True)
    template.write_bytes((ROOT / "customers" / "templates" / "compact.md.j2").read_bytes())
    write(sheet.ground.con, sheet.ground.program, sheet.workspace, AS_OF)
    return sheet.workspace.customers / "acme" / "context" / "compact.md"


@pytest.fixture
def owed(stock: Stock, briefed: Path) -> Iterator[Path]:
    """The same brief, while Ada pays another sum."""
    stock.con.execute("UPDATE core.customers SET mrr = 500 WHERE name = 'Ada'")
    yield briefed
    stock.con.execute("UPDATE core.customers SET mrr = 400 WHERE name = 'Ada'")


def test_a_brief_holds_until_a_fact_changes(sheet: Sheet, briefed: Path) -> None:
    (found,) = verified(sheet, {"brief": briefed})
    assert found.block is not None
    assert (found.block.name, found.block.key, found.block.differences) == ("compact", "acme.com", ())
    assert found.problems(strict=True) == []


def test_lines_that_would_be_others_are_told_with_their_line(sheet: Sheet, owed: Path) -> None:
    (found,) = verified(sheet, {"brief": owed})
    assert found.block is not None
    lines = owed.read_text(encoding="utf-8").splitlines()
    assert [each.was for each in found.block.differences] == [
        lines[each.line - 1].rstrip() for each in found.block.differences
    ]
    assert any("USD 400" in (each.was or "") and "USD 500" in (each.now or "") for each in found.block.differences)
    assert {problem.code for problem in found.problems(strict=False)} == {verifying.CHANGED}


def test_a_block_that_was_edited_is_told_first(sheet: Sheet, briefed: Path) -> None:
    briefed.write_text(briefed.read_text(encoding="utf-8").replace("USD 400", "USD 900"), encoding="utf-8")
    (found,) = verified(sheet, {"brief": briefed})
    assert found.block is not None
    assert found.block.is_edited
    first, second, *_ = found.problems(strict=False)
    assert (first.code, first.line) == ("E440", 1)
    assert "USD 900" in second.message


def test_what_cannot_be_drawn_is_told(sheet: Sheet, briefed: Path) -> None:
    text = briefed.read_text(encoding="utf-8")
    strange, gone, broken = (
        text.replace("compact", "horoscope"),
        text.replace("compact acme.com", "compact gone.com"),
        text.replace("<!-- gtm:end compact -->", ""),
    )
    results = checked(sheet, strange, gone, broken)
    codes = [{problem.code for problem in each.problems(strict=False)} for each in results]
    assert codes == [{verifying.UNVERIFIED}, {verifying.UNVERIFIED}, {"E441"}]
    (sheet.workspace.root / "customers" / "templates" / "compact.md.j2").write_text("{{ nope(", encoding="utf-8")
    (failed,) = checked(sheet, text)
    assert failed.block is not None
    assert failed.block.untold is not None
    assert "the template does not render: unexpected" in failed.block.untold.reason
    (problem,) = failed.problems(strict=False)
    assert problem.code == verifying.UNVERIFIED


def test_when_a_block_was_written_makes_no_difference() -> None:
    assert differences("# A\n\nAs of 2026-01-01.\n\nx\ny", "# A\nAs of 2026-02-02.\nx\ny\n") == []
    (gone, new) = differences("a\nb\nc", "a\nc\nd", 10)
    assert (gone.line, gone.was, gone.now) == (11, "b", None)
    assert (new.line, new.was, new.now) == (12, None, "d")


# --- hostile files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said", "line"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "no UTF-8 text", 3),
        ("a\nb".encode("utf-16"), "no UTF-8 text", 1),
        (b"ok\nna\xefve\n", "no UTF-8 text", 2),
        (b"x" * (verifying.LARGEST + 1), "larger than 2 MB", 1),
    ],
)
def test_a_file_that_is_no_text_is_told(sheet: Sheet, content: bytes, said: str, line: int) -> None:
    (found,) = checked(sheet, content)
    (problem,) = found.problems(strict=False)
    assert (problem.code, problem.line) == ("E447", line)
    assert said in problem.message


def test_links_pipes_and_what_may_not_be_read_are_told(sheet: Sheet) -> None:
    root = sheet.workspace.root
    (root / "circle.md").symlink_to(root / "circle.md")
    (root / "gone.md").symlink_to(root / "nothing")
    os.mkfifo(root / "pipe.md")
    files = {name: root / name for name in ("circle.md", "gone.md", "pipe.md")}
    assert {file.unread.code for file in verified(sheet, files) if file.unread} == {"E447"}


def test_a_byte_order_mark_moves_nothing(sheet: Sheet) -> None:
    (found,) = checked(sheet, b"\xef\xbb\xbf[9](gtm:customers/ada@acme.com/mrr)")
    assert found.references[0].column == 1


def test_figures_without_a_source_are_findings_where_all_should_have_one(sheet: Sheet) -> None:
    (found,) = checked(sheet, "They pay [USD 400](gtm:customers/ada@acme.com/mrr), up 12 %.\n")
    assert found.problems(strict=False) == []
    (problem,) = found.problems(strict=True)
    assert (problem.code, problem.message) == ("E265", "'12 %' cites nothing")


def test_two_looks_say_the_same(sheet: Sheet) -> None:
    text = "[9](gtm:customers/ada@acme.com/mrr) [x](gtm:a/b/c) 7"
    assert checked(sheet, text) == checked(sheet, text)
