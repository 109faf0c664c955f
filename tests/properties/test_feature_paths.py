"""One definition of every feature: however it is computed, the numbers are the same."""

import io
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.feature_cases import (
    OUTCOMES,
    VOCABULARY,
    Match,
    before_and_from,
    in_full,
    matches,
    program,
    rows_of,
)
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.rows import Rows


def without_outcomes(rows: Rows) -> Rows:
    known = {name: values for name, values in rows.numbers.items() if name not in OUTCOMES}
    return replace(rows, numbers=known)


@settings(max_examples=60)
@given(matches(), st.data())
def test_the_next_row_gets_what_the_full_path_gives_it(
    played: list[Match], data: st.DataObject
) -> None:
    rows, compiled = rows_of(played), program()
    expected, _ = in_full(compiled, rows)
    instant = data.draw(st.sampled_from(np.unique(rows.times).tolist()))
    past, rest = before_and_from(rows, instant)
    state = in_full(compiled, rows.take(past))[1]
    now = rest[rows.times[rest] == instant]
    requests = without_outcomes(rows.take(now))
    found = compiled.transform_next(state, VOCABULARY, requests)
    np.testing.assert_array_equal(found, expected[now])


@settings(max_examples=60)
@given(matches(), st.data())
def test_history_split_at_any_instant_and_resumed_equals_the_whole(
    played: list[Match], data: st.DataObject
) -> None:
    rows, compiled = rows_of(played), program()
    expected, end = in_full(compiled, rows)
    instant = data.draw(st.sampled_from(np.unique(rows.times).tolist()))
    past, rest = before_and_from(rows, instant)
    state = in_full(compiled, rows.take(past))[1]
    found, resumed = in_full(compiled, rows.take(rest), stored(state))
    np.testing.assert_array_equal(found, expected[rest])
    assert_same_state(resumed, end)


@settings(max_examples=40)
@given(matches(), st.integers(2, 5))
def test_buckets_and_their_order_change_nothing(played: list[Match], buckets: int) -> None:
    rows, compiled = rows_of(played), program()
    expected, state = in_full(compiled, rows)
    found, bucketed = in_full(compiled, rows, buckets=buckets)
    np.testing.assert_array_equal(found, expected)
    assert_same_state(bucketed, state)


@settings(max_examples=20)
@given(matches())
def test_requests_do_not_see_each_other_and_leave_the_state_alone(played: list[Match]) -> None:
    rows, compiled = rows_of(played), program()
    state = in_full(compiled, rows)[1]
    before = {name: array.copy() for name, array in state.to_arrays().items()}
    together = compiled.transform_next(state, VOCABULARY, rows)
    for position in range(len(rows)):
        alone = rows.take(np.array([position]))
        found = compiled.transform_next(state, VOCABULARY, alone)
        np.testing.assert_array_equal(found[0], together[position])
    for name, array in state.to_arrays().items():
        np.testing.assert_array_equal(array, before[name])


def test_an_unknown_owner_has_no_past_and_an_unknown_category_is_minus_1() -> None:
    compiled = program()
    rows = rows_of([Match(1.0, ("ann", "bob"), "north", (3.0, 1.0))])
    state = in_full(compiled, rows)[1]
    strangers = rows_of([Match(9.0, ("cyd", "dan"), "moon", (0.0, 0.0))])
    found = compiled.transform_next(state, VOCABULARY, without_outcomes(strangers))
    row = dict(zip(compiled.names, found[0].tolist(), strict=True))
    assert row["arena"] == -1.0
    assert row["rating"] == 1500.0
    assert row["score_count"] == 0.0
    assert np.isnan(row["score_mean_3"])
    assert np.isnan(row["arena_score_mean_3"])


def stored(state: FeatureState) -> FeatureState:
    """The state after it went through an .npz file."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **state.to_arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return FeatureState.from_arrays(arrays)


def assert_same_state(found: FeatureState, expected: FeatureState) -> None:
    for label, table in expected.tables.items():
        np.testing.assert_array_equal(found.take(label, table.names, table.width), table.values)
