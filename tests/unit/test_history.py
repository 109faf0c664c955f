"""What rows learn from events: by hand, against a plain count, and never from the future."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer_ray.blueprint import Column, Events, Inactivity, Kind, Role
from tracer_ray.data.as_of.history import History, aggregate
from tracer_ray.data.as_of.snapshots import Snapshots, take_snapshots
from tracer_ray.data.values import INSTANT
from tracer_ray.rows import MICROSECONDS_PER_DAY

VISITS = Events(
    "visit",
    Column("customer_id", Kind.CATEGORY, Role.ROW, "who", required=True),
    Column("date", Kind.TIME, Role.TIME, "when", required=True),
    (Column("paid", Kind.NUMBER, Role.KNOWN, "money paid"),),
    windows_days=(7, 30),
)
SILENCE = Inactivity("visit", 10, "churned", "days_until_left", "has_left", every_days=4)


@dataclass(frozen=True)
class Visit:
    who: str
    day: float
    paid: float | None = 1.0


visits = st.lists(
    st.builds(
        Visit,
        st.sampled_from("abc"),
        st.integers(0, 240).map(lambda quarter: quarter / 4),
        st.one_of(st.none(), st.integers(-5, 50).map(lambda each: each / 3)),
    ),
    min_size=1,
    max_size=40,
)


def history(made: Sequence[Visit]) -> History:
    times = [round(each.day * MICROSECONDS_PER_DAY) for each in made]
    return History.of(
        pa.table(
            {
                "key": pa.array([each.who for each in made], pa.string()),
                "time": pa.array(times, pa.int64()).cast(INSTANT),
                "paid": pa.array([each.paid for each in made], pa.float64()),
            }
        )
    )


def known(made: Sequence[Visit], who: str, day: float) -> dict[str, float]:
    instants = np.array([round(day * MICROSECONDS_PER_DAY)])
    found = aggregate(history(made), VISITS, np.array([who], object), instants)
    return {name: float(values[0]) for name, values in found.items()}


def test_events_are_counted_and_added_up_by_hand() -> None:
    made = [Visit("a", 1, 5.0), Visit("a", 3.5, 7.0), Visit("a", 3.75), Visit("b", 4, 100.0)]
    assert known([*made, Visit("a", 12, None)], "a", 10.75) == pytest.approx(
        {
            "visit_count_7d": 0.0,  # after day 3.75: the window is open at its beginning
            "visit_count_30d": 3.0,
            "visit_days_since_last": 7.0,
            "visit_days_since_first": 9.75,
            "visit_active_days": 2.0,
            "visit_usual_gap_days": 2.75,
            "visit_overdue": 7.0 / 2.75,
            "visit_paid_sum_7d": 0.0,
            "visit_paid_sum_30d": 13.0,
            "visit_paid_mean": 13.0 / 3.0,
        }
    )


def test_an_event_at_the_instant_itself_is_known() -> None:
    assert known([Visit("a", 1), Visit("a", 2)], "a", 2)["visit_count_7d"] == 2.0


def test_without_a_past_counts_and_sums_are_0_and_the_rest_is_not_known() -> None:
    for who, day in (("nobody", 5.0), ("b", 5.0), ("a", 0.5)):
        found = known([Visit("a", 1), Visit("b", 6)], who, day)
        zero = {name for name, value in found.items() if value == 0.0}
        assert zero == {name for name in found if "count" in name or "sum" in name} | {
            "visit_active_days"
        }
        assert all(np.isnan(value) for name, value in found.items() if name not in zero)


@given(visits, st.sampled_from("abcd"), st.integers(0, 70))
def test_it_agrees_with_a_plain_count(made: list[Visit], who: str, day: int) -> None:
    past = [each for each in made if each.who == who and each.day <= day]
    found = known(made, who, day)
    for window in (7, 30):
        within = [each for each in past if each.day > day - window]
        assert found[f"visit_count_{window}d"] == len(within)
        paid = sum(each.paid for each in within if each.paid is not None)
        assert found[f"visit_paid_sum_{window}d"] == pytest.approx(paid)
    if past:
        days = [each.day for each in past]
        assert found["visit_days_since_last"] == pytest.approx(day - max(days))
        assert found["visit_days_since_first"] == pytest.approx(day - min(days))
        assert found["visit_active_days"] == len({int(each) for each in days})


@given(visits, visits, st.integers(0, 60))
def test_later_events_change_nothing_that_was_known(
    made: list[Visit], more: list[Visit], day: int
) -> None:
    before = [each for each in made if each.day <= day]
    after = [Visit(each.who, day + 0.25 + each.day, each.paid) for each in more]
    for who in "abcd":
        np.testing.assert_equal(
            known([*before, Visit("c", 0)], who, day),
            known([*before, Visit("c", 0), *after], who, day),
        )


@given(visits, visits)
def test_later_events_move_no_settled_row_and_change_no_outcome(
    made: list[Visit], more: list[Visit]
) -> None:
    end = max(each.day for each in made)
    after = [Visit(each.who, end + 0.25 + each.day, each.paid) for each in more]
    before, then = settled(made), settled([*made, *after])
    assert before.items() <= then.items()


def settled(made: Sequence[Visit]) -> dict[tuple[str, int], tuple[float, ...]]:
    """The rows with a known outcome, with all that is known at them."""
    taken = take_snapshots(history(made), SILENCE)
    features = aggregate(history(made), VISITS, taken.names, taken.instants)
    said = [values.tolist() for values in (taken.outcome, *features.values())]
    rows = zip(taken.names.tolist(), taken.instants.tolist(), zip(*said, strict=True), strict=True)
    return {
        (who, at): tuple(np.nan_to_num(row, nan=-1.0).tolist())
        for who, at, row in rows
        if np.isfinite(row[0])
    }


@given(visits)
def test_outcomes_are_what_a_plain_look_ahead_says(made: list[Visit]) -> None:
    taken = take_snapshots(history(made), SILENCE)
    end = max(each.day for each in made)
    for who, day, outcome, left, is_seen in rows_of(taken):
        own = sorted(each.day for each in made if each.who == who)
        assert any(day - 10 < each <= day for each in own)
        later = [each for each in own if each > day]
        if day == end:
            assert np.isnan(outcome)
            continue
        assert day + 10 <= end
        assert outcome == float(not [each for each in later if each <= day + 10])
        expected, was_seen = time_to_leaving(later, day, end)
        assert left == pytest.approx(expected)
        assert is_seen == was_seen


def rows_of(taken: Snapshots) -> list[tuple[str, float, float, float, float]]:
    days = taken.instants / MICROSECONDS_PER_DAY
    columns = (taken.names, days, taken.outcome, taken.duration_days, taken.has_left)
    return list(zip(*(each.tolist() for each in columns), strict=True))


def time_to_leaving(later: list[float], day: float, end: float) -> tuple[float, float]:
    """Days to the end of the first silence of 10 days, and 1.0 where that was seen.

    Whoever has left by the row's own outcome has left at once.
    """
    last = day
    if not later or later[0] - day > 10:
        return 10.0, 1.0
    for each, following in zip(later, [*later[1:], None], strict=True):
        last = each
        if following is None:
            return last - day + 10, float(end - last >= 10)
        if following - each > 10:
            return last - day + 10, 1.0
    raise AssertionError


def test_what_is_left_out_is_counted() -> None:
    """One customer buys daily for 40 days, another once on day 0: gone from day 10 on."""
    made = [Visit("a", day) for day in range(41)] + [Visit("b", 0)]
    taken = take_snapshots(history(made), SILENCE)
    gone, open_yet = taken.left_out.values()
    assert len(taken) + gone + open_yet == len(grid_days("a")) + len(grid_days("b")) + 2
    assert set(taken.names.tolist()) == {"a"}
    assert taken.outcome[:-1].tolist() == [0.0] * (len(taken) - 1)


def grid_days(who: str) -> list[float]:
    """The days from 10 to 39 on which somebody is looked at, found by asking for each."""
    made = [Visit(who, day) for day in range(400)]
    return [day for name, day, *_ in rows_of(take_snapshots(history(made), SILENCE)) if day < 40]


def test_no_event_gives_no_row() -> None:
    assert len(take_snapshots(history([]), SILENCE)) == 0
