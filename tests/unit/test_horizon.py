"""Rows seen from days before them: how far ahead, how often, and what is known then."""

import numpy as np
import pytest

from tracer_ray.horizon import BLIND_SHARE, Ahead, seen_ahead, seen_from, window_starts
from tracer_ray.rows import MICROSECONDS_PER_DAY, FloatArray, Rows
from tracer_ray.splits import Part, PartArray

DAYS = 120


def panel(owners: tuple[str, ...] = ("a", "b")) -> Rows:
    times = np.tile(np.arange(DAYS), len(owners)) * MICROSECONDS_PER_DAY
    keys = np.array([f"{owner}:{day}" for owner in owners for day in range(DAYS)], dtype=object)
    return Rows(
        np.array(owners, dtype=object),
        np.arange(len(owners) + 1) * DAYS,
        times,
        keys,
        {"sales": np.arange(len(times), dtype=np.float64), "price": np.ones(len(times))},
        {"holiday": np.full(len(times), "none", dtype=object)},
    )


def parts_of(rows: Rows) -> PartArray:
    return np.where(rows.times < 80 * MICROSECONDS_PER_DAY, Part.TRAIN, Part.TEST).astype(np.int8)


def leads(rows: Rows) -> FloatArray:
    return (rows.times - rows.as_of) / MICROSECONDS_PER_DAY + 1.0


def test_every_lead_from_1_to_the_horizon_is_as_frequent_as_the_others() -> None:
    rows = panel()
    seen = seen_ahead(rows, Ahead(steps=10, copies=1), parts_of(rows))
    assert len(seen) == len(rows)
    found, counts = np.unique(leads(seen), return_counts=True)
    assert found.tolist() == list(range(1, 11))
    assert counts.tolist() == [2 * DAYS // 10] * 10


def test_training_rows_are_seen_from_several_instants_and_later_rows_from_one() -> None:
    rows = panel()
    seen = seen_ahead(rows, Ahead(steps=12, copies=3), parts_of(rows))
    keys, counts = np.unique(seen.keys.astype(str), return_counts=True)
    wanted = {key: 3 if int(key.split(":")[1]) < 80 else 1 for key in keys.tolist()}
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True)) == wanted
    assert seen.is_repeat.sum() == 2 * 80 * 2
    of_one = leads(seen)[seen.keys == "a:40"]
    assert sorted(np.diff(np.sort(of_one)).tolist()) == [4.0, 4.0]


def test_a_share_of_training_rows_is_seen_once_more_without_what_is_planned() -> None:
    rows = panel()
    seen = seen_ahead(rows, Ahead(steps=12, copies=1, planned=("price", "holiday")), parts_of(rows))
    is_blind = np.isnan(seen.numbers["price"])
    assert is_blind.sum() == len(seen) - len(rows)
    assert is_blind.sum() == pytest.approx(160 * BLIND_SHARE, abs=20)
    assert (seen.categories["holiday"][is_blind] == "").all()
    assert seen.is_repeat[is_blind].all()
    assert (seen.times[is_blind] < 80 * MICROSECONDS_PER_DAY).all()
    assert np.isfinite(seen.numbers["sales"]).all()


def test_new_rows_are_seen_from_windows_that_follow_one_another() -> None:
    start = 100 * MICROSECONDS_PER_DAY
    rows = panel(("a",)).take(np.arange(100, DAYS))
    seen = seen_from(rows, start, steps=14)
    assert leads(seen).tolist() == [*range(1, 15), *range(1, 7)]


def test_hours_belong_to_their_day() -> None:
    evening = np.array([5 * MICROSECONDS_PER_DAY + 20 * 3_600_000_000])
    assert window_starts(evening, 5, 7).tolist() == [5 * MICROSECONDS_PER_DAY]
