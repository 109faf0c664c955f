"""A portfolio is judged by what choosing from it leads to, not by its best member in hindsight."""

import numpy as np
import pytest

from evaluation.portfolio_choice import Trials, choose, payments, value

#               window:  0    1    2
UNSTEADY = np.array([[0.5, 1.3, 0.5], [1.3, 0.5, 1.3]])  # best where it was not in the next
STEADY = np.array([[0.8, 0.8, 0.8]])
BOTH = np.vstack([UNSTEADY, STEADY])


def test_each_window_pays_for_the_choice_on_those_before() -> None:
    assert payments(Trials(BOTH, BOTH), [1, 2]).tolist() == [0.8, 0.8]
    assert payments(Trials(BOTH, BOTH), [0, 1, 2]).tolist() == [1.3, 0.8]
    assert payments(Trials(BOTH, BOTH), [0]).tolist() == [1.3, 0.5]


def test_a_steady_candidate_wins_over_those_that_are_best_by_turns() -> None:
    assert choose([Trials(BOTH, BOTH)], size=3) == (2,)


def test_candidates_that_are_good_on_different_data_stand_together() -> None:
    first, second = np.array([[0.4] * 3, [0.9] * 3]), np.array([[0.9] * 3, [0.4] * 3])
    data_sets = [Trials(first, first), Trials(second, second)]
    assert set(choose(data_sets, size=2)) == {0, 1}
    assert value(data_sets, [0, 1]) == pytest.approx(0.4)


def test_what_adds_nothing_is_left_out() -> None:
    same = np.full((5, 4), 0.7)
    assert choose([Trials(same, same)], size=4) == (0,)
