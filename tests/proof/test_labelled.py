"""Labelled tables: what of them becomes looks, and every way in which they do not hold."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from execution import engine
from execution.directives import Program, load, read_folder
from execution.errors import UsageError
from execution.proof import ground
from execution.proof.backtest import of_table
from execution.proof.ground import Ground, Wanted
from tests.proof import churners
from tests.proof.churners import HEALTH, SOURCE

TABLE = churners.rows(240)


@dataclass
class Bench:
    """A workspace with a table, and what came of reading it."""

    root: Path

    def program(self) -> Program:
        return load(read_folder(self.root)).require_valid()

    def read(self, wanted: Wanted | None = None) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Ground]:
        program = self.program()
        score, source = program.health["telco_health"], program.labelled["telco"]
        with ground.read(self.root, program, score, source, wanted or Wanted()) as (con, found):
            return engine.dicts(con, "FROM looks ORDER BY look"), engine.dicts(con, "FROM facts ORDER BY 1"), found

    def fail(self, wanted: Wanted | None = None) -> UsageError:
        program = self.program()
        with pytest.raises(UsageError) as caught:
            of_table(self.root, program, program.health["telco_health"], program.labelled["telco"], wanted or Wanted())
        assert caught.value.exit_code == 2
        return caught.value


Make = Callable[..., Bench]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(rows: list[dict[str, str]] | None = None, **texts: str) -> Bench:
        return Bench(churners.workspace(tmp_path, rows or TABLE, **texts))

    return made


def changed(**values: str) -> list[dict[str, str]]:
    return [{**row, **values} for row in TABLE]


# --- what is read -------------------------------------------------------------------------------


def test_every_row_is_a_look_with_its_facts_and_its_end(make: Make) -> None:
    looks, facts, found = make().read()
    assert len(looks) == len(facts) == found.records == 240
    first = TABLE[0]
    assert looks[0]["key"] == looks[0]["customer"] == first["customer"]
    assert [look["happened"] for look in looks] == [row["churn"] == "Yes" for row in TABLE]
    assert facts[0]["tenure_months"] == int(first["tenure"])
    assert facts[0]["pays_by_check"] == (first["payment"] == "check")
    assert len({look["cluster"] for look in looks}) == 240
    assert found.files == ("imports/telco.csv",)


def test_what_does_not_fit_its_type_is_counted_and_missing(make: Make) -> None:
    rows = [
        {**row, "tenure": "n/a" if number < 3 else row["tenure"], "charge": " "} for number, row in enumerate(TABLE)
    ]
    _, facts, found = make(rows).read()
    assert [(each.column, each.type, each.count, each.examples) for each in found.rejected] == [
        ("tenure", "integer", 3, ("n/a", "n/a", "n/a"))
    ]
    assert [fact["tenure_months"] for fact in facts[:3]] == [None, None, None]
    assert facts[5]["monthly_charge"] is None


def test_rows_without_a_label_are_left_out_and_counted(make: Make) -> None:
    rows = [{**row, "churn": "" if number < 40 else row["churn"]} for number, row in enumerate(TABLE)]
    looks, _, found = make(rows).read()
    assert len(looks) == 200
    assert (found.without_label, found.other_label, found.unmatched) == (40, 0, 0)


def test_rows_of_the_block_that_go_with_no_record_are_counted(make: Make) -> None:
    text = SOURCE.replace("select key as", "select case when tenure % 2 = 0 then 'x' else '' end || key as")
    looks, _, found = make(source=text).read()
    assert found.unmatched == 240 - len(looks) == sum(int(row["tenure"]) % 2 == 0 for row in TABLE)


def test_of_several_values_those_against_the_event_are_named(make: Make) -> None:
    rows = [{**row, "churn": "Joined" if number < 40 else row["churn"]} for number, row in enumerate(TABLE)]
    looks, _, found = make(rows, source=SOURCE.replace("event: Yes", "event: Yes, against: [no]")).read()
    assert [look["happened"] for look in looks] == [row["churn"] == "Yes" for row in TABLE[40:]]
    assert (found.without_label, found.other_label, found.unmatched) == (0, 40, 0)


@pytest.mark.parametrize(
    ("kind", "yes", "no", "event"),
    [
        ("boolean", "Yes", "No", "Yes"),
        ("boolean", "1", "0", "true"),
        ("boolean", "t", "f", "1"),
        ("integer", "1", "0", "1.0"),
        ("text", "1.0", "0.0", "1"),
        ("text", "1.0", "0.0", "'1'"),
    ],
)
def test_the_event_is_the_same_however_its_column_is_typed(
    make: Make, kind: str, yes: str, no: str, event: str
) -> None:
    rows = [{**row, "churn": yes if row["churn"] == "Yes" else no} for row in TABLE]
    text = SOURCE.replace("event: Yes", f"event: {event}")
    text = text.replace("churn: churn", f"churn: {{path: churn, type: {kind}}}")
    looks, *_ = make(rows, source=text).read()
    assert [look["happened"] for look in looks] == [row["churn"] == "Yes" for row in TABLE]


@pytest.mark.parametrize(
    ("written", "event"), [("1", "1"), ("TRUE", "true"), (" yes ", "Yes"), ("gone away", "Gone away")]
)
def test_the_event_is_told_by_its_text_whatever_its_case(make: Make, written: str, event: str) -> None:
    rows = [{**row, "churn": written if row["churn"] == "Yes" else "0"} for row in TABLE]
    looks, *_ = make(rows, source=SOURCE.replace("event: Yes", f"event: {event}")).read()
    assert sum(look["happened"] for look in looks) == sum(row["churn"] == "Yes" for row in TABLE)


def test_moments_and_ends_are_taken_from_the_table(make: Make) -> None:
    text = SOURCE.replace("event: Yes}", "event: Yes, observed_at: month, happened_at: left_on}")
    looks, _, found = make(source=text).read()
    assert found.moments == 6
    assert (found.first, found.last) == (datetime(2026, 1, 1), datetime(2026, 6, 1))  # noqa: DTZ001
    gone = next(look for look in looks if look["happened"])
    assert (gone["happened_at"] - gone["moment"]).days == 20
    assert all(look["happened_at"] is None for look in looks if not look["happened"])


def test_several_rows_of_one_customer_are_one_customer(make: Make) -> None:
    rows = [{**row, "payment": f"who{number % 60}"} for number, row in enumerate(TABLE)]
    looks, *_ = make(rows, source=SOURCE.replace("event: Yes}", "event: Yes, customer: payment}")).read()
    assert len(looks) == 240
    assert len({look["cluster"] for look in looks}) == 60


@pytest.mark.parametrize("form", ["parquet", "jsonl", "tsv"])
def test_other_forms_give_the_same_looks(make: Make, form: str) -> None:
    bench = make()
    expected = bench.read()[:2]
    file = bench.root / f"other.{form}"
    options = {"parquet": "FORMAT parquet", "jsonl": "FORMAT json", "tsv": "FORMAT csv, DELIMITER '\t'"}[form]
    source = engine.literal(str(bench.root / "imports" / "telco.csv"))
    engine.memory().execute(f"COPY (FROM read_csv({source}, all_varchar = true)) TO '{file}' ({options})")
    assert bench.read(Wanted(data=file))[:2] == expected


def test_several_files_are_read_as_one(make: Make) -> None:
    bench = make(source=SOURCE.replace("path: telco.csv", "path: part-*.csv"))
    churners.write(bench.root / "imports" / "part-1.csv", TABLE[:100])
    churners.write(bench.root / "imports" / "part-2.csv", TABLE[100:])
    looks, _, found = bench.read()
    assert len(looks) == 240
    assert found.files == ("imports/part-1.csv", "imports/part-2.csv")


MEASURES = """---
kind: measures
name: lengths
entity: subscribers
measures:
  months: {type: integer, unit: months, meaning: since they came, "null": not known}
---
```sql measures
select subscriber, date_diff('month', cast(came as timestamp), $as_of) as months from subscribers
```
"""
_WITH_MEASURE = {
    "entity": churners.ENTITY.replace("  contract:", "  came: {type: date, from: [telco]}\n  contract:"),
    "health": HEALTH.replace("tenure_months", "months"),
    "lengths": MEASURES,
}


def test_a_measure_that_the_table_states_is_taken(make: Make) -> None:
    source = SOURCE.replace("tenure as tenure_months", "tenure as months")
    _, facts, _ = make(source=source, **_WITH_MEASURE).read()
    assert [fact["months"] for fact in facts] == [int(row["tenure"]) for row in TABLE]


def test_a_measure_that_it_does_not_state_is_worked_out_at_each_rows_moment(make: Make) -> None:
    source = SOURCE.replace("tenure as tenure_months", "date '2025-12-01' as came")
    source = source.replace("event: Yes}", "event: Yes, observed_at: month}")
    looks, facts, _ = make(source=source, **_WITH_MEASURE).read()
    assert {look["moment"].month: fact["months"] for look, fact in zip(looks, facts, strict=True)} == {
        month: month for month in range(1, 7)
    }


def test_without_a_moment_it_is_unknown_and_with_one_for_all_it_is_known(make: Make) -> None:
    bench = make(source=SOURCE.replace("tenure as tenure_months", "date '2025-12-01' as came"), **_WITH_MEASURE)
    assert {fact["months"] for fact in bench.read()[1]} == {None}
    assert {fact["months"] for fact in bench.read(Wanted(as_of=datetime(2026, 2, 1, tzinfo=UTC)))[1]} == {2}


# --- what does not hold -------------------------------------------------------------------------


def test_a_label_that_is_the_same_everywhere(make: Make) -> None:
    error = make(changed(churn="No")).fail()
    assert (error.code, error.where) == ("E281", "directives/source.md: label")
    assert error.message == "the label 'churn' is the same in all 240 rows: 'no'"


def test_a_label_that_is_empty_everywhere(make: Make) -> None:
    assert make(changed(churn="")).fail().message == "the label 'churn' is empty in all 240 rows"


def test_a_label_with_a_third_value(make: Make) -> None:
    rows = [{**row, "churn": "maybe" if number % 10 == 0 else row["churn"]} for number, row in enumerate(TABLE)]
    error = make(rows).fail()
    assert error.code == "E281"
    assert error.message.startswith("the label 'churn' has 3 values, not two: 'no' (")
    assert "'maybe' (24)" in error.message
    assert error.hint == "say which of them stand against it, as against: [no]; rows of any other are left out"


@pytest.mark.parametrize(
    ("against", "message"), [("[gone]", "is never 'gone': 'no' ("), ("[yes, no]", "has 'yes' both as the event and")]
)
def test_values_against_the_event_that_do_not_hold(make: Make, against: str, message: str) -> None:
    error = make(source=SOURCE.replace("event: Yes", f"event: Yes, against: {against}")).fail()
    assert (error.code, error.where) == ("E281", "directives/source.md: label")
    assert message in error.message


def test_an_event_that_never_comes(make: Make) -> None:
    error = make(source=SOURCE.replace("event: Yes", "event: Gone")).fail()
    assert error.message.startswith("the label 'churn' is never 'gone': 'no' (")


def test_a_label_column_that_the_file_has_not_got(make: Make) -> None:
    rows = [{key: value for key, value in row.items() if key != "churn"} | {"churned": row["churn"]} for row in TABLE]
    error = make(rows).fail()
    assert (error.code, error.message) == ("E280", "telco.csv has no column 'churn'")
    assert error.hint == "did you mean 'churned'?"
    assert error.where == "directives/source.md: streams.rows.churn"


def test_a_file_that_is_not_there(make: Make, tmp_path: Path) -> None:
    bench = make(source=SOURCE.replace("telco.csv", "other.csv"))
    assert bench.fail().message == "there is no file imports/other.csv"
    assert bench.fail(Wanted(data=tmp_path / "none.csv")).code == "E280"


def test_a_file_without_rows(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.write_text(",".join(churners.COLUMNS) + "\n", encoding="utf-8")
    assert make().fail(Wanted(data=file)).message == "empty.csv has no rows"


@pytest.mark.parametrize(("name", "content"), [("odd.parquet", b"no parquet"), ("odd.jsonl", b"{]"), ("odd.xlsx", b"")])
def test_a_file_that_is_not_what_its_name_says(make: Make, tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    error = make().fail(Wanted(data=file))
    assert error.code == "E280"
    assert error.message.startswith(f"{name} cannot be read: ")


def test_a_row_with_a_cell_too_many_is_told_with_its_line(make: Make, tmp_path: Path) -> None:
    bench = make()
    file = tmp_path / "odd.csv"
    lines = (bench.root / "imports" / "telco.csv").read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*lines[:100], lines[100] + ",x,y", *lines[101:]]), encoding="utf-8")
    error = bench.fail(Wanted(data=file))
    assert error.code == "E280"
    assert "Line: 101" in error.message


def test_keys_that_do_not_tell_rows_apart(make: Make) -> None:
    error = make([*TABLE, TABLE[7]]).fail()
    assert (error.code, error.message) == ("E280", "telco.csv has 2 rows with the customer 'c00007'")
    assert "label: {customer" in error.hint
    assert make([{**TABLE[0], "customer": ""}, *TABLE[1:]]).fail().message == "1 row of telco.csv without customer"


def test_a_block_with_two_rows_for_one_key(make: Make) -> None:
    error = make(source=SOURCE.replace("key as subscriber", "contract as subscriber")).fail()
    assert error.code == "E280"
    assert "rows for subscriber 'a year'" in error.message


def test_rows_that_go_with_no_record(make: Make) -> None:
    error = make(source=SOURCE.replace("key as subscriber", "'x' || key as subscriber")).fail()
    assert (error.code, error.message) == (
        "E281",
        "none of the 240 rows of the subscribers block goes with a labelled record",
    )


def test_a_score_of_something_else(make: Make) -> None:
    bench = make(
        source=SOURCE.replace("sql subscribers", "sql others"),
        others=churners.ENTITY.replace("name: subscribers", "name: others"),
    )
    error = bench.fail()
    assert (error.code, error.message) == (
        "E282",
        "telco gives no subscribers, and telco_health is a score of subscribers",
    )


def test_a_score_none_of_whose_needs_the_rows_have(make: Make) -> None:
    block = "select key as subscriber\nfrom rows"
    source = SOURCE.partition("select key")[0] + block + "\n```\n"
    error = make(source=source).fail()
    assert (error.code, error.where) == ("E282", "directives/health.md")
    assert error.message == "telco_health does not apply to these rows: no component is known in any of them"
    assert "tenure needs tenure_months" in error.hint
    assert "the table does not state it" in error.hint


def test_labelled_rows_without_their_moment(make: Make) -> None:
    rows = [{**row, "month": "" if number < 2 else row["month"]} for number, row in enumerate(TABLE)]
    error = make(rows, source=SOURCE.replace("event: Yes}", "event: Yes, observed_at: month}")).fail()
    assert (error.code, error.message) == ("E281", "2 labelled rows have no month")


def test_moments_that_are_written_in_another_way(make: Make) -> None:
    rows = [{**row, "month": f"13/0{1 + number % 6}/2026"} for number, row in enumerate(TABLE)]
    error = make(rows, source=SOURCE.replace("event: Yes}", "event: Yes, observed_at: month}")).fail()
    assert (error.code, error.message) == ("E281", "240 labelled rows have no month: '13/01/2026' is no date")


def test_a_column_that_is_empty_in_every_row_is_told_from_one_that_is_not_there(make: Make) -> None:
    found = of_table(
        (bench := make(changed(internet=""))).root, bench.program(), bench.program().health["telco_health"],
        bench.program().labelled["telco"], Wanted(),
    )  # fmt: skip
    assert [(each.component, each.missing) for each in found.unknown] == [
        ("internet", {"internet": "empty in every row"})
    ]
