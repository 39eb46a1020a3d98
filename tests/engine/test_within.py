"""A bound on what a connection holds in memory, for as long as it is wanted."""

from execution import engine


def limit(con: engine.Connection) -> object:
    row = con.execute("SELECT current_setting('memory_limit')").fetchone()
    return row and row[0]


def test_the_bound_holds_inside_and_the_old_one_after() -> None:
    con = engine.memory(memory_limit_mb=900)
    with engine.within(con, 100):
        assert limit(con) == "95.3 MiB"
    assert str(limit(con)).startswith("858.")


def test_a_connection_whose_settings_are_locked_stays_as_it_is() -> None:
    con = engine.memory(locked_down=True)
    before = limit(con)
    with engine.within(con, 100):
        assert limit(con) == before
