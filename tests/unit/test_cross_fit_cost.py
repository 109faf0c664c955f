"""Within a bound on time the better candidates that can be cross-fitted in it are used."""

from tracer_ray.blueprint import Candidate
from tracer_ray.training.cross_fit_cost import FITS, UNAFFORDABLE, foreseen_seconds, within_time
from tracer_ray.training.pooled_record import SearchedCandidate


def searched(number: int, loss: float, seconds: float, rungs: int = 3) -> SearchedCandidate:
    return SearchedCandidate(number, Candidate("lightgbm"), rungs, loss, 0.1, seconds)


SLOW_BEST, QUICK, SLOW_WORST, STOPPED = (
    searched(0, 1.0, 60.0),
    searched(1, 1.1, 2.0),
    searched(2, 1.2, 50.0),
    searched(3, 1.3, 9.0, rungs=1),
)
ALL = (SLOW_BEST, QUICK, SLOW_WORST, STOPPED)


def left_out(seconds: float) -> list[int]:
    return [each.number for each in within_time(ALL, seconds) if each.error == UNAFFORDABLE]


def test_without_a_bound_nothing_is_left_out() -> None:
    assert within_time(ALL, float("inf")) == ALL


def test_the_better_ones_come_first_and_a_quicker_one_still_fits() -> None:
    assert left_out(FITS * 112.5) == []
    assert left_out(FITS * 62.5) == [2]
    assert left_out(FITS * 59.0) == [0]
    assert left_out(FITS * 3.0) == [0, 2]


def test_one_is_used_however_little_time_there_is() -> None:
    assert left_out(-5.0) == [0, 2]


def test_a_usual_fit_of_six_models_is_worth_four_searches() -> None:
    # of all rows: 0.6 * (0.4 + 0.6 + 0.8) for three blocks, 0.6, 0.75 and 1 for the others; a
    # search sees 1/9, 1/3 and all of 0.6 of them
    assert round(FITS, 6) == round((1.08 + 0.6 + 0.75 + 1.0) / (0.6 * 13.0 / 9.0), 6)


def test_what_is_left_of_a_candidate_is_foreseen_from_its_second_rung() -> None:
    # 4 s for a third of the rows: 12 s for the last rung, and 13/9 of 12 s for a whole search
    assert round(foreseen_seconds(2, 4.0), 6) == round(12.0 + FITS * 12.0 * 13.0 / 9.0, 6)
    assert foreseen_seconds(1, 4.0) == foreseen_seconds(3, 4.0) == -float("inf")
