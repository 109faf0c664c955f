"""What fits to a sample of rows say of fits to all of them."""

from hypothesis import given
from hypothesis import strategies as st

from tracer_ray.training.cost_sample import grown_seconds

SECONDS = st.floats(0.01, 100.0)


@given(SECONDS, SECONDS, st.floats(1.0, 1000.0))
def test_a_fixed_part_and_a_part_per_row_are_told_apart(
    fixed_s: float, per_row_s: float, times: float
) -> None:
    # the sample has 3 rows, its third one
    few_s, many_s = fixed_s + per_row_s, fixed_s + 3.0 * per_row_s
    expected_s = fixed_s + 3.0 * times * per_row_s
    assert abs(grown_seconds(few_s, many_s, times) - expected_s) < 1e-6 * expected_s


@given(SECONDS, SECONDS, st.floats(1.0, 1000.0))
def test_more_rows_never_take_less(few_s: float, many_s: float, times: float) -> None:
    assert grown_seconds(few_s, many_s, times) >= many_s
