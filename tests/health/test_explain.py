"""Taking a score apart: what makes it, where its values come from, what moved it, and whose doing that was."""

from datetime import datetime, timedelta

import pytest

from execution import engine
from execution.directives.locating import Places
from execution.health import deltas, history
from execution.health.explain import Explanation, explain
from execution.health.looking_back import only_today
from tests.health.shop import DAY, HEALTH, MEASURES, Shop, parts, program, shop, texts


def adds_up(found: Explanation) -> bool:
    return sum(part.milli or 0 for part in found.parts) == (found.milli or 0)


# --- what makes it ------------------------------------------------------------------------------


def test_every_part_with_its_points_its_share_and_its_line() -> None:
    made = shop()
    made.on(0)
    found = made.explain("ann@x.com")
    assert (found.milli, found.band, found.coverage) == (68_000, "good", 1000)
    use, pay, quiet, late = found.parts
    assert (use.label, use.points, use.share, use.milli, use.facts) == ("Use", 60_000, 0.6, 36_000, ("logins_30d",))
    assert (pay.points, pay.milli) == (80_000, 32_000)
    assert (quiet.milli, late.milli) == (0, 0)
    line = next(number for number, text in enumerate(HEALTH.splitlines(), 1) if text.startswith("  use:"))
    assert use.line == f"directives/health/care.md:{line}"
    assert adds_up(found)


def test_what_is_not_known_says_what_that_means_and_what_follows() -> None:
    made = shop()
    made.on(0)
    found = made.explain("bob@x.com")
    pay = found.parts[1]
    assert (pay.milli, pay.points, pay.share, pay.weight, pay.missing) == (None, None, None, 0.4, ("mrr",))
    assert found.values["mrr"].unknown == "no source knows what they pay"
    assert (found.milli, found.low, found.high, found.coverage) == (20_000, 12_000, 52_000, 600)
    assert found.action == "Call them"
    assert adds_up(found)


def test_a_measure_names_the_events_it_counts_and_no_others() -> None:
    made = shop()
    made.event("ann@x.com", "login", DAY - timedelta(days=40), "Too old")
    made.event("ann@x.com", "payment", DAY - timedelta(days=2), "Paid", "succeeded")
    made.event("ann@x.com", "payment", DAY - timedelta(days=9), "Declined", "failed")
    made.event("ann@x.com", "login", DAY - timedelta(days=6), "Login 6")
    made.on(0)
    values = made.explain("ann@x.com").values
    (logins,) = values["logins_30d"].traces
    assert (logins.source, logins.kind, logins.count) == ("crm", "events", 4)
    assert [record.title for record in logins.records] == ["Login 1", "Login 3", "Login 5"]
    assert logins.synced_at == datetime(2026, 6, 1, 5)  # noqa: DTZ001 - as stored
    assert [trace.records[0].title for trace in values["failures"].traces] == ["Declined"]
    assert [trace.records[0].title for trace in values["days_quiet"].traces] == ["Login 1"]
    assert values["logins_30d"].reads == ("events.kind", "events.occurred_at")


def test_a_count_of_nothing_names_nothing() -> None:
    made = shop()
    made.on(0)
    assert made.explain("bob@x.com").values["failures"].traces == ()


def test_of_very_many_events_the_newest_are_looked_at() -> None:
    made = shop()
    made.con.execute(
        "INSERT INTO core.events (source, source_id, email, kind, occurred_at) "
        "SELECT 'crm', 'many' || i, 'bob@x.com', 'login', TIMESTAMP '2026-05-31' - INTERVAL 1 SECOND * i "
        "FROM range(1000) r(i)"
    )
    made.on(0)
    # With all 300 that are looked at the measure is not what it was, so nothing is claimed of them.
    assert made.explain("bob@x.com").values["logins_30d"].traces == ()


def test_a_column_of_which_no_record_is_stored_names_its_line_alone() -> None:
    made = shop()
    made.on(0)
    assert made.explain("ann@x.com").values["mrr"].traces == ()  # nothing is projected in this store
    assert made.explain("ann@x.com").values["mrr"].line.startswith("directives/data-model/customers.md:")


# --- what moved it ------------------------------------------------------------------------------


def test_what_moved_it_are_the_parts_and_the_values_behind_them() -> None:
    made = shop()
    made.on(0)
    made.event("ann@x.com", "login", DAY + timedelta(hours=1))
    made.on(1)
    made.con.execute("UPDATE core.customers SET mrr = 20 WHERE email = 'ann@x.com'")
    made.on(2)
    found = made.explain("ann@x.com")
    moved = found.moved
    assert moved is not None
    assert (moved.before, moved.after, moved.change, moved.customer, moved.formula) == (
        80_000,
        56_000,
        -24_000,
        -24_000,
        0,
    )
    assert [(part.name, part.change) for part in moved.parts] == [("pay", -24_000)]
    assert ("mrr", 80, 20) in [(value.name, value.before, value.after) for value in moved.values]
    since = made.explain("ann@x.com", since=DAY).moved
    assert since is not None
    assert [(part.name, part.change) for part in since.parts] == [("pay", -24_000), ("use", 12_000)]
    assert sum(part.change or 0 for part in since.parts) == since.change == -12_000


def test_the_first_score_was_moved_by_nothing() -> None:
    made = shop()
    made.on(0)
    found = made.explain("ann@x.com")
    assert found.moved is None
    assert all(delta.change is None for delta in found.deltas)


def test_a_score_of_the_past_is_told_as_it_was_recorded() -> None:
    made = shop()
    made.on(0)
    made.con.execute("UPDATE core.customers SET mrr = 20 WHERE email = 'ann@x.com'")
    made.con.execute("DELETE FROM core.events")
    made.on(5)
    then = made.explain("ann@x.com", as_of=DAY + timedelta(days=2))
    assert (then.milli, then.parts[0].points, then.values["mrr"].value) == (68_000, 60_000, 80)
    assert adds_up(then)
    now = made.explain("ann@x.com")
    assert now.parts[0].milli is None
    assert (now.milli, now.values["mrr"].value) == (20_000, 20)
    score = made.program.health["care"]
    places = Places(texts())
    assert explain(made.con, made.program, score, "ann@x.com", places, as_of=DAY - timedelta(days=1)) is None
    assert explain(made.con, made.program, score, "nobody@x.com", places) is None


def test_the_values_are_those_until_the_change_also_where_they_moved_without_it() -> None:
    made = shop()
    made.on(0)
    made.on(3)  # three days quieter, and the same score
    made.con.execute("UPDATE core.customers SET mrr = 20 WHERE email = 'ann@x.com'")
    made.on(4)
    assert len(made.rows("SELECT * FROM derived.score_states WHERE key = 'ann@x.com'")) == 2
    before = made.explain("ann@x.com", as_of=DAY + timedelta(days=3))
    assert (before.values["days_quiet"].value, before.values["mrr"].value) == (4, 80)


def test_a_look_back_leaves_no_trace_and_today_stays_explained() -> None:
    made = shop()
    made.on(10)
    kept = [made.rows(f"FROM derived.{table} ORDER BY ALL") for table in ("score_runs", "score_states")]
    made.on(-2)
    assert [made.rows(f"FROM derived.{table} ORDER BY ALL") for table in ("score_runs", "score_states")] == kept
    assert made.one("SELECT score_milli FROM derived.score__care WHERE email = 'ann@x.com'") == (56_000,)
    found = made.explain("ann@x.com")
    assert (found.milli, found.values["days_quiet"].value) == (53_000, 11)
    made.con.execute("UPDATE core.customers SET mrr = 20 WHERE email = 'ann@x.com'")
    made.on(11)
    moved = made.explain("ann@x.com").moved
    assert moved is not None
    assert [(value.name, value.before) for value in moved.values] == [("mrr", 80), ("days_quiet", 11)]
    assert not made.has("derived.kept__care")


# --- whose doing --------------------------------------------------------------------------------


HARSHER = HEALTH.replace('points: "15"', 'points: "25"').replace("version: 1", "version: 2")


def test_a_changed_directive_is_marked_and_told_apart_from_the_customer() -> None:
    made = shop()
    made.on(0)
    made.on(12)  # quiet: 15 off
    made.program = program(care=HARSHER)
    made.con.execute("UPDATE core.customers SET mrr = 30 WHERE email = 'ann@x.com'")
    made.on(13)
    found = made.explain("ann@x.com")
    moved = found.moved
    assert moved is not None
    assert (moved.change, moved.customer, moved.formula) == (-30_000, -20_000, -10_000)
    (mark,) = moved.marks
    assert (mark.versions, mark.is_split, mark.others) == ((1, 2), True, ())
    last = next(delta for delta in found.deltas if delta.days == 1)
    assert (last.change, last.customer, last.formula) == (-30_000, -20_000, -10_000)


def test_directives_changed_one_after_the_other_still_add_up() -> None:
    made = shop()
    made.on(0)
    made.program = program(care=HARSHER)
    made.on(12)
    made.program = program()
    made.on(13)
    made.program = program(care=HEALTH.replace("weight: 60", "weight: 20"))
    made.con.execute("UPDATE core.customers SET mrr = 95 WHERE email = 'ann@x.com'")
    made.on(14)
    for delta in made.explain("ann@x.com").deltas:
        if delta.change is not None and delta.customer is not None and delta.formula is not None:
            assert delta.customer + delta.formula == delta.change
    week = next(delta for delta in made.explain("ann@x.com").deltas if delta.days == 30 or delta.days == 7)
    assert len(week.marks) == 3


def test_a_directive_that_changes_nothing_for_anybody_is_still_marked() -> None:
    made = shop()
    made.on(0)
    made.program = program(care=HEALTH.replace("title: Care", "title: Caring"))
    made.on(8)
    (delta,) = [each for each in made.explain("ann@x.com").deltas if each.days == 7]
    assert (delta.change, delta.customer, delta.formula) == (0, 0, 0)
    assert len(delta.marks) == 1


def test_a_changed_measure_is_marked_but_not_told_apart() -> None:
    made = shop()
    made.on(0)
    made.program = program(use=MEASURES.replace("interval 30 days", "interval 4 days"))
    made.on(1)
    found = made.explain("ann@x.com")
    assert found.moved is not None
    assert found.moved.change == -24_000
    assert (found.moved.customer, found.moved.formula) == (None, None)
    assert found.moved.marks[0].others == ("measures use",)
    made.program = program(use=MEASURES.replace("meaning: Logins", "meaning: All logins"))


def test_a_better_description_of_a_measure_is_no_other_measure() -> None:
    made = shop()
    made.on(0)
    made.program = program(use=MEASURES.replace("meaning: Logins in 30 days", "meaning: How often they logged in"))
    made.on(2)
    assert all(not delta.marks for delta in made.explain("ann@x.com").deltas)


def test_a_directive_edited_since_is_said_and_the_score_explained_by_the_one_it_followed() -> None:
    made = shop()
    made.on(12)
    made.program = program(care=HARSHER.replace("weight: 40", "weight: 400"))
    found = made.explain("ann@x.com")
    assert (found.version, found.parts[1].weight, found.parts[2].milli) == (1, 0.4, -15_000)
    assert any("edited since" in note for note in found.notes)
    assert adds_up(found)


# --- the last days ------------------------------------------------------------------------------


def test_deltas_are_counted_from_the_end_of_that_day() -> None:
    made = shop()
    made.on(0.2)
    made.con.execute("UPDATE core.customers SET mrr = 20 WHERE email = 'ann@x.com'")
    moment = made.on(7.1)
    sql = deltas.deltas(made.con, made.program, made.program.health["care"], moment)
    (row,) = engine.dicts(made.con, f"SELECT * FROM ({sql}) WHERE key = 'ann@x.com'")
    assert (row["then_7d_milli"], row["change_7d_milli"], row["customer_7d_milli"]) == (68_000, -24_000, -24_000)
    assert (row["then_30d_milli"], row["change_30d_milli"]) == (None, None)


def test_the_view_shows_what_customers_did_where_the_data_model_declares_it() -> None:
    made = shop()
    made.on(0)
    made.program = program(care=HARSHER)
    made.on(12)
    made.con.execute("UPDATE core.customers SET mrr = 90 WHERE email = 'ann@x.com'")
    made.program = program()
    made.on(13)
    (row,) = made.rows("SELECT health_score_delta_7d AS d FROM unified_customers WHERE email = 'ann@x.com'")
    assert float(row["d"]) == pytest.approx(-11.0)  # 15 off for being quiet, 4 more for what they pay


# --- the history --------------------------------------------------------------------------------


def test_parts_that_moved_within_the_same_score_are_history() -> None:
    made = shop()
    made.on(0)
    made.con.execute("UPDATE core.customers SET mrr = 50 WHERE email = 'ann@x.com'")
    made.event("ann@x.com", "login", DAY + timedelta(hours=1))
    made.on(1)
    assert [parts(made.explain("ann@x.com", as_of=DAY + timedelta(days=n)))["use"] for n in (0, 1)] == [36_000, 48_000]
    assert made.one(
        "SELECT count(*), count(DISTINCT score_milli) FROM derived.score_states WHERE key = 'ann@x.com'"
    ) == (2, 1)


def test_a_measure_that_changes_its_type_keeps_what_it_was() -> None:
    made = shop()
    made.on(0)
    made.con.execute("UPDATE core.customers SET mrr = 20 WHERE email = 'ann@x.com'")
    made.on(1)
    made.program = program(use=MEASURES.replace("days_quiet: {type: integer", "days_quiet: {type: decimal"))
    made.con.execute("UPDATE core.customers SET mrr = 30 WHERE email = 'ann@x.com'")
    made.on(2)
    found = made.explain("ann@x.com", as_of=DAY)
    assert (found.milli, str(found.values["days_quiet"].value)) == (68_000, "1")
    assert adds_up(found)


def test_an_unreadable_older_directive_leaves_the_change_whole() -> None:
    made = shop()
    made.on(0)
    made.con.execute("DELETE FROM derived.score_texts")
    made.program = program(care=HARSHER)
    made.on(12)
    found = made.explain("ann@x.com")
    assert found.moved is not None
    assert (found.moved.customer, found.moved.marks[0].is_split) == (None, False)
    assert history.directive(made.con, "nothing like it") is None


def test_what_is_only_known_as_of_today_is_told_by_the_parts_that_use_it() -> None:
    found = only_today(program(), program().health["care"])
    assert found == {"customers.mrr": ("pay",), "events.status": ("penalty.late",)}


def test_every_customer_adds_up_at_every_moment() -> None:
    made = Shop()
    made.con.execute(
        "INSERT INTO core.customers (email, mrr) "
        "SELECT 'p' || i || '@x.com', nullif(hash(i) % 180, 7) FROM range(6) r(i)"
    )
    made.con.execute(
        "INSERT INTO core.events (source, source_id, email, kind, status, occurred_at, title) "
        "SELECT 'crm', 'e' || i, 'p' || (hash(i, 1) % 6) || '@x.com', "
        "CASE WHEN i % 5 = 0 THEN 'payment' ELSE 'login' END, CASE WHEN i % 3 = 0 THEN 'failed' ELSE 'succeeded' END, "
        "TIMESTAMP '2026-05-20' + INTERVAL 1 HOUR * (hash(i, 2) % 600), 'T' || i FROM range(60) r(i)"
    )
    moments = [made.on(day) for day in (0, 4, 9, 15)]
    for key in (f"p{n}@x.com" for n in range(6)):
        for moment in moments:
            found = made.explain(key, as_of=moment)
            assert adds_up(found), (key, moment)
            assert (
                found.moved is None
                or sum(p.change or 0 for p in found.moved.parts) == (found.moved.change or 0)
                or (found.moved.change is None)
            )
