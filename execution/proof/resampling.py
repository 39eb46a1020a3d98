"""How sure an AUC is: intervals that know that a customer looked at twelve times is one customer.

Up to `MOST_ROWS` rows by the bootstrap: customers are drawn anew, each as often as a Poisson draw of mean 1 says, and
every look at them with them. The draws come from the customer's number and the resample's, so they are the same on
every machine and in any order. Beyond that by DeLong's variance in Obuchowski's form for clusters (Biometrics 53,
1997), which takes one pass and there agrees with the bootstrap to the third decimal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from execution import engine
from execution.engine import ident
from execution.proof.statistics import Count, auc, percentile

RESAMPLES = 1_000
MOST_ROWS = 50_000
_GROUPS = 500
"""Resamples are told apart by so many groups of neighbouring scores; it moves a bound by less than 0.0005 and takes a
fifth of the time."""
_ROWS_AT_ONCE = 4_000_000
_WORD = 4_294_967_296  # 2^32

_POISSON = (0.36787944117144233, 0.7357588823428847, 0.9196986029286058, 0.9810118431238462, 0.9963401531726563,
            0.9994058151824183, 0.9999167588507119, 0.9999897508033253)  # fmt: skip
"""The chance of at most 0, 1, 2 … of a Poisson draw of mean 1."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies with 95 and with 99 % confidence. `method` says how that was found."""

    low: float
    high: float
    low_99: float
    high_99: float
    method: str

    def is_above(self, value: float) -> bool:
        """Whether the figure is greater than a value, by more than happens once in a hundred times by chance."""
        return self.low_99 > value

    def is_below(self, value: float) -> bool:
        """Whether it is less, in the same sense."""
        return self.high_99 < value


def auc_interval(con: engine.Connection, table: str, score: str, found: float) -> Interval:
    """The interval of the AUC `found` of a score.

    `table` (already quoted) has a row per look: `cluster` (whole numbers, who it is of), `happened`, and the score's
    column, where lower means more likely. Rows without a score are left out.
    """
    if _rows(con, table, [score]) > MOST_ROWS:
        return _normal(found, _error(con, table, [score], found), (0.0, 1.0))
    values = _resampled(con, table, score, [score])
    return _of_resamples(values, found - _grouped_auc(con, table, score, [score]), (0.0, 1.0))


def difference_interval(con: engine.Connection, table: str, one: str, other: str, found: float) -> Interval:
    """The interval of `found`, by how much the AUC of `one` is greater than that of `other` on the rows with both."""
    both = [one, other]
    if _rows(con, table, both) > MOST_ROWS:
        return _normal(found, _error(con, table, both, found), (-1.0, 1.0))
    pairs = zip(_resampled(con, table, one, both), _resampled(con, table, other, both), strict=True)
    grouped = _grouped_auc(con, table, one, both) - _grouped_auc(con, table, other, both)
    return _of_resamples([first - second for first, second in pairs], found - grouped, (-1.0, 1.0))


def _rows(con: engine.Connection, table: str, scores: Sequence[str]) -> int:
    row = con.execute(f"SELECT count(*) FROM {table} WHERE {_known(scores)}").fetchone()
    return int(row[0]) if row else 0


def _known(scores: Sequence[str]) -> str:
    return " AND ".join(f"{ident(score)} IS NOT NULL" for score in scores)


# --- the bootstrap ------------------------------------------------------------------------------


def _resampled(con: engine.Connection, table: str, score: str, known: Sequence[str]) -> list[float]:
    """The AUC of every resample, in their order; 0.5 for one that drew nobody of a group."""
    at_once = max(1, min(RESAMPLES, _ROWS_AT_ONCE // max(1, _rows(con, table, known))))
    found: list[float] = []
    for first in range(0, RESAMPLES, at_once):
        sql = _resample_sql(_grouped_sql(table, score, known), first, min(first + at_once, RESAMPLES))
        found += [float(value) for (value,) in con.execute(sql).fetchall()]
    return found


def _grouped_sql(table: str, score: str, known: Sequence[str]) -> str:
    """SELECT of the looks with neighbouring scores as one; equal scores always stay together."""
    group = f"(rank() OVER (ORDER BY {ident(score)}) - 1) * {_GROUPS} // count(*) OVER ()"
    return f"SELECT cluster, happened, {group} AS score FROM {table} WHERE {_known(known)}"


def _grouped_auc(con: engine.Connection, table: str, score: str, known: Sequence[str]) -> float:
    """The AUC of the grouped scores of all looks as they are, against which those of the resamples are read."""
    sql = (
        "SELECT score, count(*) FILTER (happened), count(*) FILTER (NOT happened) "
        f"FROM ({_grouped_sql(table, score, known)}) GROUP BY score"
    )
    found = auc([Count(*row) for row in con.execute(sql).fetchall()])
    return 0.5 if found is None else found


def _resample_sql(looks: str, first: int, last: int) -> str:
    """SELECT of the AUC per resample. Counts are whole numbers up to the last division, so sums have no order."""
    times = "CASE " + " ".join(f"WHEN u < {round(p * _WORD)} THEN {n}" for n, p in enumerate(_POISSON)) + " ELSE 8 END"
    return f"""
        WITH looks AS ({looks}),
        packed AS (
            SELECT cluster, score, count(*) FILTER (happened) AS events, count(*) FILTER (NOT happened) AS others
            FROM looks GROUP BY ALL
        ),
        customers AS (SELECT DISTINCT cluster FROM packed),
        draws AS (SELECT range AS resample FROM range({first}, {last})),
        drawn AS (SELECT resample, cluster, {times} AS times FROM ({_drawn_sql()})),
        counted AS (
            SELECT
                resample, score,
                CAST(sum(times * events) AS BIGINT) AS events,
                CAST(sum(times * others) AS BIGINT) AS others
            FROM packed JOIN drawn USING (cluster) WHERE times > 0 GROUP BY ALL
        ),
        placed AS (
            SELECT
                resample, events, others,
                CAST(sum(others) OVER (PARTITION BY resample ORDER BY score DESC) AS BIGINT) - others AS above
            FROM counted
        ),
        summed AS (
            SELECT
                resample,
                CAST(sum(CAST(events AS HUGEINT) * (2 * above + others)) AS DOUBLE) AS doubled,
                CAST(sum(events) AS DOUBLE) * CAST(sum(others) AS DOUBLE) AS pairs
            FROM placed GROUP BY resample
        )
        SELECT CASE WHEN pairs > 0 THEN doubled / (2 * pairs) ELSE 0.5 END
        FROM draws LEFT JOIN summed USING (resample) ORDER BY resample"""


def _drawn_sql() -> str:
    """SELECT of a whole number `u` below 2^32 per resample and customer, out of nothing but their two numbers:
    multiplied and folded until neighbours have nothing in common."""
    sql = f"SELECT resample, cluster, (cluster * 2654435761 + resample * 668265263 + 374761393) % {_WORD} AS u"
    sql += " FROM customers, draws"
    for _ in range(3):
        sql = f"SELECT resample, cluster, (xor(u, u // 65536) * 73244475) % {_WORD} AS u FROM ({sql})"
    return f"SELECT resample, cluster, xor(u, u // 65536) AS u FROM ({sql})"


def _of_resamples(values: Sequence[float], shift: float, within: tuple[float, float]) -> Interval:
    ordered = sorted(values)
    low_99, low, high, high_99 = (
        _kept(percentile(ordered, share) + shift, within) for share in (0.005, 0.025, 0.975, 0.995)
    )
    return Interval(low, high, low_99, high_99, f"bootstrap over the customers, {len(values):,} resamples")


def _kept(value: float, within: tuple[float, float]) -> float:
    return min(within[1], max(within[0], value))


# --- many rows ----------------------------------------------------------------------------------


def _normal(found: float, error: float, within: tuple[float, float]) -> Interval:
    wide, wider = (NormalDist().inv_cdf(share) * error for share in (0.975, 0.995))
    low, high, low_99, high_99 = (_kept(found + step, within) for step in (-wide, wide, -wider, wider))
    return Interval(low, high, low_99, high_99, "DeLong's variance over the customers")


def _error(con: engine.Connection, table: str, scores: Sequence[str], found: float) -> float:
    """The standard error of the AUC of one score, or of the difference of two, where looks come in clusters.

    Both are means of what each look adds, over the events and over the others, so one formula serves for both.
    """
    sql = f"""
        WITH looks AS (SELECT * FROM {table} WHERE {_known(scores)}),
        {", ".join(_beaten_cte(number, score) for number, score in enumerate(scores))},
        of_customer AS (
            SELECT
                cluster,
                count(*) FILTER (happened) AS events,
                count(*) FILTER (NOT happened) AS others,
                coalesce(fsum({_less("beaten", scores)}) FILTER (happened), 0) AS beaten,
                coalesce(fsum({_less("beating", scores)}) FILTER (NOT happened), 0) AS beating
            FROM looks {" ".join(f"JOIN b{n} ON b{n}.score = looks.{ident(s)}" for n, s in enumerate(scores))}
            GROUP BY cluster
        )
        SELECT
            count(*), count(*) FILTER (events > 0), count(*) FILTER (others > 0), sum(events), sum(others),
            fsum(pow(beaten - events * $found, 2)), fsum(pow(beating - others * $found, 2)),
            fsum((beaten - events * $found) * (beating - others * $found))
        FROM of_customer"""
    clusters, with_event, without, events, others, of_events, of_others, of_both = con.execute(
        sql, {"found": found}
    ).fetchall()[0]
    if min(with_event, without) < 2:
        return 1.0
    one = of_events * with_event / (with_event - 1) / events**2
    two = of_others * without / (without - 1) / others**2
    both = 2 * of_both * clusters / (clusters - 1) / (events * others)
    return sqrt(max(0.0, one + two + both))


def _beaten_cte(number: int, score: str) -> str:
    """Per score: the share of others that lie above it, and of events that lie below."""
    return f"""c{number} AS (
            SELECT {ident(score)} AS score, count(*) FILTER (happened) AS events,
                count(*) FILTER (NOT happened) AS others
            FROM looks GROUP BY ALL
        ),
        b{number} AS (
            SELECT
                score,
                (sum(others) OVER (ORDER BY score DESC) - others / 2.0) / sum(others) OVER () AS beaten,
                (sum(events) OVER (ORDER BY score) - events / 2.0) / sum(events) OVER () AS beating
            FROM c{number}
        )"""


def _less(part: str, scores: Sequence[str]) -> str:
    return " - ".join(f"b{number}.{part}" for number, _ in enumerate(scores))
