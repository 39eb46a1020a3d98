"""What a backtest concludes: signal, none, backwards, not enough; and when it does not believe its own figures."""

from pathlib import Path

import pytest

from execution.directives import load, read_folder
from execution.proof.backtest import Backtest, of_table
from execution.proof.ground import Wanted
from tests.proof import churners
from tests.proof.churners import HEALTH, SOURCE

SIGNAL = churners.rows(1_200)
STEADY = {"tenure": "70", "contract": "two years", "internet": "none", "charge": "10"}


def backtest(root: Path, rows: list[dict[str, str]], **texts: str) -> Backtest:
    """The table as a workspace, and its score held against it."""
    program = load(read_folder(churners.workspace(root, rows, **texts))).require_valid()
    return of_table(root, program, program.health["telco_health"], program.labelled["telco"], Wanted())


def test_a_score_that_tells(tmp_path: Path) -> None:
    found = backtest(tmp_path, SIGNAL)
    assert (found.verdict, found.exit_code, found.leaks, found.unknown) == ("signal", 0, (), ())
    assert found.figures is not None
    assert 0.75 < found.figures.auc < 0.9
    assert found.figures.interval.low < found.figures.auc < found.figures.interval.high
    assert found.figures.average_precision > 1.5 * found.sizes.rate
    assert found.figures.lift > 1.5
    assert found.sizes.looks == found.sizes.customers == 1_200
    assert found.sizes.events == found.sizes.looks_before_event == sum(row["churn"] == "Yes" for row in SIGNAL)


def test_bands_count_every_look_and_worse_ones_have_more_events(tmp_path: Path) -> None:
    found = backtest(tmp_path, SIGNAL)
    assert [rate.band for rate in found.bands] == ["healthy", "watch", "at_risk"]
    assert sum(rate.looks for rate in found.bands) == 1_200
    assert sum(rate.events for rate in found.bands) == found.sizes.events
    assert found.bands[0].rate < found.bands[1].rate < found.bands[2].rate
    assert found.out_of_order == ()
    assert found.warned is not None
    assert (found.warned.band, found.warned.green) == ("healthy", found.bands[0].events)


def test_bands_that_are_out_of_order_are_named(tmp_path: Path) -> None:
    turned = HEALTH.replace(
        "bands: {healthy: 70, watch: 45, at_risk: 0}", "bands: {at_risk: 70, watch: 45, healthy: 0}"
    )
    found = backtest(tmp_path, SIGNAL, health=turned.replace("telco_health", "telco_health"))
    assert found.out_of_order == ()
    upside = HEALTH.replace("then 20\n", "then 100\n").replace("else 100\n      end", "else 0\n      end")
    upside = upside.replace("then 10 else 90", "then 90 else 10").replace("then 30 else 90", "then 90 else 30")
    found = backtest(tmp_path, SIGNAL, health=upside)
    assert found.out_of_order
    assert (found.verdict, found.exit_code) == ("backwards", 1)


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_a_table_without_signal_is_told_so(tmp_path: Path, seed: int) -> None:
    found = backtest(tmp_path, churners.rows(900, seed, signal=False))
    assert (found.verdict, found.exit_code) == ("no signal", 1)
    assert found.figures is not None
    assert found.figures.interval.low < 0.5 < found.figures.interval.high


def test_a_score_that_is_the_same_for_all_tells_nothing(tmp_path: Path) -> None:
    flat = HEALTH.partition("components:")[0] + (
        "components:\n  tenure: {weight: 1, needs: [tenure_months], score: case when tenure_months >= 0 then 50 end}\n"
        "bands: {healthy: 70, at_risk: 0}\n---\n"
    )
    found = backtest(tmp_path, SIGNAL, health=flat)
    assert found.verdict == "no signal"
    assert found.figures is not None
    assert found.figures.auc == 0.5
    assert found.figures.lift == pytest.approx(1)


@pytest.mark.parametrize(
    ("rows", "minimum"),
    [(120, "{rows: 200, events: 30}"), (240, "{rows: 200, events: 120}"), (240, "{rows: 241, events: 2}")],
)
def test_too_little_is_not_judged(tmp_path: Path, rows: int, minimum: str) -> None:
    source = SOURCE.replace("event: Yes}", f"event: Yes, minimum: {minimum}}}")
    found = backtest(tmp_path, churners.rows(rows), source=source)
    assert (found.verdict, found.exit_code) == ("not enough", 1)
    assert (found.figures, found.components, found.out_of_order) == (None, (), ())
    assert sum(rate.looks for rate in found.bands) == rows


def test_an_outcome_that_is_good_is_foretold_by_a_high_score(tmp_path: Path) -> None:
    low = backtest(tmp_path, SIGNAL)
    source = SOURCE.replace("event: Yes}", 'event: "No", foretold_by: high score}')
    high = backtest(tmp_path, SIGNAL, source=source)
    assert high.figures is not None
    assert low.figures is not None
    assert high.verdict == "signal"
    assert high.figures.auc == pytest.approx(low.figures.auc)
    assert high.warned is None


def test_how_long_before_the_score_had_left_the_best_band(tmp_path: Path) -> None:
    """The first of every month is a look at the same customers; a band that is left and not regained is the warning."""
    rows = []
    for number in range(80):
        for month in range(1, 5):
            falls = number < 40 and month >= 3  # half of them fall in March, and leave on 21 April
            leaves = number < 40 and month == 4
            row = {"customer": f"c{number}-{month}", "payment": f"who{number}", "month": f"2026-0{month}-01"}
            row |= {"tenure": "5", "contract": "month", "internet": "fiber", "charge": "90"} if falls else STEADY
            row |= {"left_on": "2026-04-21", "churn": "Yes"} if leaves else {"left_on": "", "churn": "No"}
            rows.append(row)
    label = "event: Yes, observed_at: month, happened_at: left_on, customer: payment}"
    found = backtest(tmp_path, rows, source=SOURCE.replace("event: Yes}", label))
    assert found.ground.moments == 4
    assert found.sizes.customers == 80
    assert found.warned is not None
    assert (found.warned.events, found.warned.green, found.warned.with_days) == (40, 0, 40)
    assert found.warned.median_days == 31 + 20  # from 1 March to 21 April


def test_a_component_that_nobody_has_is_named_with_its_reason(tmp_path: Path) -> None:
    source = SOURCE.replace(", internet, payment", ", payment")
    found = backtest(tmp_path, SIGNAL, source=source)
    assert [(each.component, each.missing) for each in found.unknown] == [
        ("internet", {"internet": "the table does not state it"})
    ]
    assert next(each for each in found.components if each.component == "internet").auc is None


# --- leaks --------------------------------------------------------------------------------------


def test_a_fact_that_is_the_outcome_gives_itself_away(tmp_path: Path) -> None:
    rows = [{**row, "contract": "ended" if row["churn"] == "Yes" else "month"} for row in SIGNAL]
    health = HEALTH.replace("when 'month' then 10", "when 'ended' then 10")
    found = backtest(tmp_path, rows, health=health)
    assert {leak.part for leak in found.leaks} == {"contract"}
    assert any("'ended' stands almost only where the event came" in leak.message for leak in found.leaks)
    assert any("AUC 1.000" in leak.message for leak in found.leaks)
    assert found.exit_code == 1


def test_being_known_at_all_gives_it_away(tmp_path: Path) -> None:
    """Who left has no charge any more."""
    rows = [{**row, "charge": "" if row["churn"] == "Yes" else row["charge"]} for row in SIGNAL]
    found = backtest(tmp_path, rows)
    assert [leak.part for leak in found.leaks if "whether it is known" in leak.message] == ["monthly_charge"]


@pytest.mark.parametrize(
    ("refund", "told"), [("25", "values above 0 stand"), ("-25", "values below 0 stand"), ("", "whether it is known")]
)
def test_a_value_that_only_some_of_those_who_left_have(tmp_path: Path, refund: str, told: str) -> None:
    """Refunds after the end: half of those who left have one, and nobody else."""
    half = {number for number, row in enumerate(SIGNAL) if row["churn"] == "Yes" and number % 2}
    blank = "0" if refund else ""
    rows = [{**row, "charge": (refund or "25") if number in half else blank} for number, row in enumerate(SIGNAL)]
    found = backtest(tmp_path, rows)
    assert [(leak.part, told in leak.message) for leak in found.leaks] == [("monthly_charge", True)]
    assert found.exit_code == 1


def test_an_honest_field_is_no_leak_however_well_it_tells(tmp_path: Path) -> None:
    rows = [
        {**row, "charge": "0" if row["churn"] == "Yes" or number % 12 == 0 else "9"}
        for number, row in enumerate(SIGNAL)
    ]
    assert backtest(tmp_path, rows).leaks == ()


def test_a_component_that_gives_everybody_the_same_points_is_named(tmp_path: Path) -> None:
    rows = [{**row, "contract": f"{row['contract']} "} for row in SIGNAL]
    found = backtest(tmp_path, rows, health=HEALTH.replace("'month'", "'monthly'"))
    assert [(each.component, each.milli) for each in found.flat] == [("contract", 90_000)]
    assert set(found.flat[0].seen["contract"]) == {"month ", "a year ", "two years "}
    assert backtest(tmp_path, SIGNAL).flat == ()


def test_a_block_that_reads_the_label_is_found_out(tmp_path: Path) -> None:
    block = (
        "select key as subscriber, case when churn = 'Yes' then tenure / 2 else tenure end::bigint as tenure_months,"
    )
    source = SOURCE.replace("select key as subscriber, tenure as tenure_months,", block)
    found = backtest(tmp_path, SIGNAL, source=source)
    assert ("churn", "the subscribers block reads it, and it is what came afterwards") in {
        (leak.part, leak.message) for leak in found.leaks
    }


def test_a_time_after_the_look_is_found_out(tmp_path: Path) -> None:
    entity = churners.ENTITY.replace("  contract:", "  ended: {type: date, from: [telco]}\n  contract:")
    source = SOURCE.replace("tenure as tenure_months", "tenure as tenure_months, left_on as ended")
    source = source.replace("event: Yes}", "event: Yes, observed_at: month}")
    health = HEALTH.replace(
        "    score: 100 - monthly_charge", "    score: case when ended is null then 100 - monthly_charge else 0 end"
    )
    found = backtest(tmp_path, SIGNAL, entity=entity, source=source, health=health)
    after = sum(row["churn"] == "Yes" for row in SIGNAL)
    assert ("ended", f"it lies after the moment of the look in {after:,} looks") in {
        (leak.part, leak.message) for leak in found.leaks
    }


def test_a_score_too_good_to_be_true(tmp_path: Path) -> None:
    rows = [{**row, "tenure": "60" if row["churn"] == "No" else "1"} for row in SIGNAL]
    found = backtest(tmp_path, rows, health=HEALTH.replace("weight: 30", "weight: 3000", 1))
    assert {"the score", "tenure", "tenure_months"} <= {leak.part for leak in found.leaks}


# --- the same every time ------------------------------------------------------------------------


def test_the_same_table_gives_the_same_figures_in_any_order(tmp_path: Path) -> None:
    first = backtest(tmp_path, SIGNAL)
    again = backtest(tmp_path, SIGNAL)
    turned = backtest(tmp_path, SIGNAL[::-1])
    assert again == first
    assert turned.figures == first.figures
    assert turned.bands == first.bands
