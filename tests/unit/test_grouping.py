"""Grouping rows by codes, against sorting them and against looking each up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tracer_ray.feature_program.grouping import (
    order_of_codes,
    positions_in_runs,
    run_starts,
    sorted_runs,
)
from tracer_ray.rows import FloatArray, IntArray

KINDS = 4
CODES = st.integers(0, 30).flatmap(lambda n: arrays(np.int64, n, elements=st.integers(0, KINDS)))
NUMBERS = st.sampled_from([np.nan, -1.5, 0.0, 2.0, 7.0])


@given(CODES)
def test_rows_in_the_order_of_their_codes_are_those_of_a_stable_sort(codes: IntArray) -> None:
    order = order_of_codes(codes, KINDS + 1)
    np.testing.assert_array_equal(order, np.argsort(codes, kind="stable"))


@given(CODES.map(np.sort), st.data())
def test_sorting_runs_is_sorting_by_run_and_value(codes: IntArray, data: st.DataObject) -> None:
    values: FloatArray = data.draw(arrays(np.float64, len(codes), elements=NUMBERS))
    expected = values[np.lexsort((values, codes))]
    np.testing.assert_array_equal(sorted_runs(values, run_starts(codes)), expected)


@given(
    st.sets(st.tuples(st.integers(0, KINDS), st.integers(0, 9))),
    st.lists(st.tuples(st.integers(-1, KINDS), st.integers(0, 9))),
)
def test_a_value_is_found_in_the_run_of_its_code_only(
    held: set[tuple[int, int]], wanted: list[tuple[int, int]]
) -> None:
    pairs = np.array(sorted(held), np.int64).reshape(-1, 2)
    asked = np.array(wanted, np.int64).reshape(-1, 2)
    offsets = np.searchsorted(pairs[:, 0], np.arange(KINDS + 2))
    values, codes = np.ascontiguousarray(pairs[:, 1]), np.ascontiguousarray(asked[:, 0])
    found = positions_in_runs(offsets, values, codes, np.ascontiguousarray(asked[:, 1]))
    places = {pair: place for place, pair in enumerate(sorted(held))}
    assert found.tolist() == [places.get(pair, -1) for pair in wanted]
