"""Time cuts: the same instants for everybody, whole days, and nothing later in an earlier part."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer_ray.blueprint import SplitPlan
from tracer_ray.errors import DataError
from tracer_ray.rows import MICROSECONDS_PER_DAY, IntArray, TextArray
from tracer_ray.splits import Cuts, Part, days, hashed_cuts, plan_cuts, shares, stable_hash

NO_KEYS: TextArray = np.array([], object)


def on_days(*numbers: float) -> IntArray:
    return (np.array(numbers) * MICROSECONDS_PER_DAY).astype(np.int64)


def test_a_cut_falls_on_a_days_midnight() -> None:
    cuts = Cuts(10.0, 20.0, 30.0)
    found = cuts.assign(on_days(9.99, 10.0, 10.5, 19.99, 20.0, 29.99, 30.0), NO_KEYS)
    assert found.tolist() == [0, 1, 1, 1, 2, 2, 3]


def test_times_before_1970_are_earlier_days() -> None:
    assert days(on_days(-0.5, 0.5)).tolist() == [-1.0, 0.0]


def test_rows_whose_outcome_was_unknown_at_the_cut_are_used_for_nothing() -> None:
    cuts = Cuts(10.0, 20.0, 30.0, gap=2.0)
    found = cuts.assign(on_days(7, 8, 9, 10, 17, 18, 27, 28, 30, 31), NO_KEYS)
    assert found.tolist() == [0, -1, -1, 1, 1, -1, 2, -1, 3, 3]


def test_the_newest_shares_of_the_rows_are_set_aside() -> None:
    counts = {float(day): 10 for day in range(100)}
    cuts = plan_cuts(counts, SplitPlan(0.15, 0.10, 0.15, gap_days=3.0))
    assert (cuts.validation, cuts.calibration, cuts.test, cuts.gap) == (54.0, 72.0, 85.0, 3.0)
    found = cuts.assign(on_days(*range(100)), np.array([""] * 100, object)).tolist()
    sizes = [found.count(part) for part in (Part.TRAIN, Part.VALIDATION, Part.CALIBRATION)]
    assert (sizes, found.count(Part.TEST)) == ([51, 15, 10], 15)


def test_without_a_gap_no_row_is_lost_between_the_parts() -> None:
    counts = {float(day): 10 for day in range(100)}
    cuts = plan_cuts(counts, SplitPlan(0.15, 0.10, 0.15))
    assert (cuts.validation, cuts.calibration, cuts.test) == (60.0, 75.0, 85.0)


def test_a_history_that_the_gaps_use_up_is_refused() -> None:
    counts = {float(day): 10 for day in range(100)}
    with pytest.raises(DataError, match="with 40 days between them; add history"):
        plan_cuts(counts, SplitPlan(gap_days=40.0))


def test_shares_are_of_rows_and_not_of_days() -> None:
    """Nine days of one row, then four of three: half of the 21 rows lie after day 9."""
    counts = {float(day): 1 for day in range(9)} | {float(day): 3 for day in range(9, 13)}
    cuts = plan_cuts(counts, SplitPlan(0.25, 0.15, 0.15))
    assert (cuts.validation, cuts.calibration, cuts.test) == (10.0, 11.0, 12.0)


def test_too_few_days_are_refused() -> None:
    with pytest.raises(DataError, match="the rows lie on 3 days, too few"):
        plan_cuts({1.0: 50, 2.0: 50, 3.0: 50}, SplitPlan())


@given(
    st.dictionaries(st.integers(0, 400), st.integers(1, 40), min_size=25, max_size=60),
    st.integers(0, 9),
)
def test_no_row_of_a_part_is_as_late_as_one_of_the_next(counts: dict[int, int], gap: int) -> None:
    numbered = {float(day): rows for day, rows in counts.items()}
    try:
        cuts = plan_cuts(numbered, SplitPlan(gap_days=gap))
    except DataError:
        return
    days_with_rows = np.array(sorted(numbered))
    parts = cuts.assign(on_days(*days_with_rows), NO_KEYS)
    for part in (Part.VALIDATION, Part.CALIBRATION, Part.TEST):
        assert (parts == part).any() or part is not Part.TEST
        earlier = days_with_rows[(parts >= 0) & (parts < part)]
        if (parts == part).any() and len(earlier):
            assert earlier.max() + gap < days_with_rows[parts == part].min()


def test_a_hash_is_the_same_in_every_process() -> None:
    expected = hashlib.blake2b("Zoë".encode(), digest_size=8).digest()
    assert stable_hash("Zoë") == int.from_bytes(expected, "little")


def test_rows_without_a_time_are_cut_by_their_key_alone() -> None:
    keys = np.array([f"customer {number}" for number in range(20_000)], object)
    cuts = hashed_cuts(SplitPlan(0.15, 0.10, 0.15))
    parts = cuts.assign(np.zeros(len(keys), np.int64), keys)
    found = np.bincount(parts) / len(keys)
    np.testing.assert_allclose(found, [0.60, 0.15, 0.10, 0.15], atol=0.01)
    alone = cuts.assign(np.zeros(1, np.int64), keys[7:8])
    assert alone[0] == parts[7]
    assert (shares(keys) < 1.0).all()


def test_a_short_series_sets_more_days_aside_for_calibration_up_to_a_fifth() -> None:
    def days_of_calibration(days: int) -> float:
        cuts = plan_cuts(dict.fromkeys(map(float, range(days)), 10), SplitPlan(calibration_days=28))
        return cuts.test - cuts.calibration

    assert [days_of_calibration(days) for days in (100, 200, 1000)] == [20.0, 28.0, 100.0]
