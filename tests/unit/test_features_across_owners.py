"""Features that read other owners' rows, against numbers worked out by hand."""

import numpy as np
import pytest

from tests.properties.feature_cases import Match, in_full, program, rows_of
from tracer_ray.errors import DataError
from tracer_ray.rows import FloatArray, Rows


def feature(rows: Rows, name: str, owner: str) -> FloatArray:
    compiled = program()
    matrix, _ = in_full(compiled, rows)
    is_own = rows.entities[rows.entity_index] == owner
    found: FloatArray = matrix[is_own, compiled.names.index(name)].astype(np.float64)
    return found


def test_a_win_between_equals_moves_half_the_k_factor() -> None:
    rows = rows_of([Match(1.0, ("ann", "bob"), "", (2.0, 1.0))] * 2)
    assert feature(rows, "rating", "ann").tolist() == [1500.0, 1516.0]
    assert feature(rows, "rating", "bob").tolist() == [1500.0, 1484.0]


def test_a_second_win_counts_for_less_than_the_first() -> None:
    rows = rows_of([Match(1.0, ("ann", "bob"), "", (2.0, 1.0))] * 3)
    # after one win ann leads by 32: expected 1 / (1 + 10 ** (-32 / 400)) = 0.54592
    assert feature(rows, "rating", "ann")[2] == pytest.approx(1516.0 + 32.0 * 0.45408, abs=1e-3)


def test_a_draw_between_equals_moves_nobody() -> None:
    rows = rows_of([Match(1.0, ("ann", "bob"), "", (1.0, 1.0))] * 2)
    assert feature(rows, "rating", "ann").tolist() == [1500.0, 1500.0]


def test_an_unknown_result_moves_nobody() -> None:
    duel = Match(1.0, ("ann", "bob"), "", (2.0, 1.0), is_won_known=False)
    assert feature(rows_of([duel, duel]), "rating", "ann").tolist() == [1500.0, 1500.0]


def test_meetings_at_one_instant_are_all_read_before_any_is_applied() -> None:
    first = Match(1.0, ("ann", "bob"), "", (2.0, 1.0))
    same_time = Match(0.0, ("ann", "cyd"), "", (2.0, 1.0))
    later = Match(1.0, ("ann", "bob"), "", (2.0, 1.0))
    ratings = feature(rows_of([first, same_time, later]), "rating", "ann")
    assert ratings.tolist() == [1500.0, 1500.0, 1532.0]


def test_home_is_worth_60_points_in_the_probability_only() -> None:
    rows = rows_of([Match(1.0, ("ann", "bob"), "", (2.0, 1.0))])
    # 1 / (1 + 10 ** (-60 / 400)) = 0.58550
    assert feature(rows, "rating_probability", "ann")[0] == pytest.approx(0.58550, abs=1e-5)
    assert feature(rows, "rating_probability", "bob")[0] == pytest.approx(0.41450, abs=1e-5)
    assert feature(rows, "rating", "ann")[0] == 1500.0


def test_versus_is_the_own_feature_minus_that_of_the_opponents_row() -> None:
    rows = rows_of(
        [
            Match(1.0, ("ann", "cyd"), "", (10.0, 0.0)),
            Match(1.0, ("bob", "cyd"), "", (4.0, 0.0)),
            Match(1.0, ("ann", "bob"), "", (1.0, 1.0)),
        ]
    )
    assert feature(rows, "versus_score_mean_3", "ann")[1] == 6.0
    assert feature(rows, "versus_score_mean_3", "bob")[1] == -6.0
    assert feature(rows, "versus_rest_days", "ann")[1] == 1.0


def test_a_key_reads_the_sums_of_its_rows_at_earlier_times() -> None:
    rows = rows_of(
        [
            Match(1.0, ("ann", "bob"), "north", (3.0, 2.0)),
            Match(0.0, ("cyd", "dan"), "north", (4.0, float("nan"))),
            Match(1.0, ("ann", "bob"), "south", (50.0, 50.0)),
            Match(1.0, ("cyd", "dan"), "north", (1.0, 0.0)),
            Match(1.0, ("ann", "bob"), "north", (0.0, 0.0)),
            Match(1.0, ("ann", "bob"), "", (0.0, 0.0)),
        ]
    )
    # north saw 3 + 2 + 4 on the first day and 1 + 0 on the third
    expected = [np.nan, np.nan, 5.0, np.nan]
    np.testing.assert_array_equal(feature(rows, "arena_score_mean_3", "ann"), expected)
    # three of the four scores of the first day are known, so their mean is 3
    per_row = [np.nan, np.nan, (3.0 + 0.5) / 2.0, np.nan]
    np.testing.assert_array_equal(feature(rows, "arena_row_score_mean_3", "ann"), per_row)


def test_rows_that_the_state_has_already_seen_are_refused() -> None:
    compiled = program()
    rows = rows_of([Match(1.0, ("ann", "bob"), "", (2.0, 1.0))])
    _, state = in_full(compiled, rows)
    with pytest.raises(DataError, match="owners 'ann': the rows to add start at or before"):
        in_full(compiled, rows, state)
