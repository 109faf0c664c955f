"""Two rows of one meeting agree, whichever side is named first."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.calibration import Calibrator, Method
from tracer_ray.uncertainty.meetings import calibrate_sides, meeting_of, mirrored, reconcile

CALIBRATORS = (
    Calibrator(),
    Calibrator(Method.SIGMOID, (), (0.4, 1.3)),
    Calibrator(Method.ISOTONIC, (0.2, 0.5, 0.8), (0.1, 0.6, 0.7)),
)
pairs = st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), min_size=1, max_size=8)


def sides(found: list[tuple[float, float]]) -> npt.NDArray[np.float64]:
    return np.array(found).T


def test_the_meeting_is_the_key_without_its_side_even_with_colons() -> None:
    assert meeting_of("2024:7:FC: Köln", "FC: Köln") == "2024:7"


def test_a_row_finds_the_other_side_and_a_lonely_row_itself() -> None:
    meetings = np.array(["a", "b", "c", "a", "c"], object)
    assert mirrored(meetings).tolist() == [3, 1, 4, 0, 2]


def test_where_one_side_must_win_the_log_odds_meet_in_the_middle() -> None:
    first = np.array([0.8])
    second = np.array([0.4])
    odds = np.sqrt((0.8 / 0.2) / (0.4 / 0.6))
    assert reconcile(first, second, has_draws=False)[0] == pytest.approx(odds / (1.0 + odds))


def test_where_neither_may_win_the_rest_is_the_draw() -> None:
    found = reconcile(np.array([0.5, 0.8]), np.array([0.3, 0.4]), has_draws=True)
    np.testing.assert_allclose(found, [0.5, 0.8 / 1.2])


@given(pairs, st.booleans())
def test_sides_always_agree(found: list[tuple[float, float]], has_draws: bool) -> None:
    first, second = sides(found)
    ours = reconcile(first, second, has_draws=has_draws)
    theirs = reconcile(second, first, has_draws=has_draws)
    check_sum(ours + theirs, has_draws)


@pytest.mark.parametrize("calibrator", CALIBRATORS, ids=lambda each: each.method.value)
@given(pairs, st.booleans())
def test_sides_agree_after_calibration(
    calibrator: Calibrator, found: list[tuple[float, float]], has_draws: bool
) -> None:
    first, second = sides(found)
    ours = calibrate_sides(first, second, calibrator, has_draws=has_draws)
    theirs = calibrate_sides(second, first, calibrator, has_draws=has_draws)
    check_sum(ours + theirs, has_draws)
    assert ((ours >= 0.0) & (ours <= 1.0)).all()


def check_sum(total: FloatArray, has_draws: bool) -> None:
    if has_draws:
        assert (total <= 1.0 + 1e-12).all()
    else:
        np.testing.assert_allclose(total, 1.0, atol=1e-9)
