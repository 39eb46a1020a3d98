"""Windows of requests, against a clock of the test's own."""

from execution.sandbox.limits import Rolling, Window, scaled


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_window_fills_and_begins_anew() -> None:
    clock = Clock()
    window = Window(2, 10, clock)
    assert [window.take().granted for _ in range(3)] == [True, True, False]
    clock.now += 4
    refused = window.take()
    assert (refused.granted, refused.remaining, refused.reset_s) == (False, 0, 6)
    clock.now += 6
    again = window.take()
    assert (again.granted, again.remaining, again.limit, again.reset_s) == (True, 1, 2, 10)


def test_a_rolling_window_allows_no_burst_across_its_end() -> None:
    clock = Clock()
    rolling = Rolling(2, 10, clock)
    assert rolling.take().granted
    clock.now += 9
    assert rolling.take().remaining == 0
    refused = rolling.take()
    assert (refused.granted, refused.reset_s) == (False, 1)
    clock.now += 1
    assert [rolling.take().granted for _ in range(2)] == [True, False]
    clock.now += 9
    assert rolling.take().granted


def test_limits_scale_but_never_to_nothing() -> None:
    assert scaled(500, 2) == 1000
    assert scaled(500, 0.0001) == 1
    assert scaled(500, 0) > 1 << 50
