"""Two rows of one meeting, made to agree: the order of the sides must not matter."""

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.link import from_link, to_link
from tracer_ray.rows import FloatArray, IntArray, TextArray
from tracer_ray.uncertainty.calibration import Calibrator


def meeting_of(key: str, owner: str) -> str:
    """The meeting's own key: a side's row key without the side.

    >>> meeting_of("match-7:Team A", "Team A")
    'match-7'
    """
    return key[: len(key) - len(owner) - 1]


def mirrored(meetings: TextArray) -> IntArray:
    """For each row the position of the other row of its meeting, its own where there is none.

    >>> mirrored(np.array(["x", "y", "x"], dtype=object))
    array([2, 1, 0])
    """
    first: dict[str, int] = {}
    other = np.arange(len(meetings))
    for position, meeting in enumerate(meetings):
        partner = first.setdefault(meeting, position)
        if partner != position:
            other[position], other[partner] = partner, position
    return other


def reconcile(first: FloatArray, second: FloatArray, *, has_draws: bool) -> FloatArray:
    """The first side's probability, given what was said for each side on its own.

    Where one side must win, half the difference of the log-odds, so that both sides' probabilities
    sum to 1; where neither may, the pair is only scaled down where it sums to more than 1.

    >>> reconcile(np.array([0.7, 0.5]), np.array([0.3, 0.5]), has_draws=False)
    array([0.7, 0.5])
    """
    if has_draws:
        return first / np.maximum(first + second, 1.0)
    margin = to_link(first, Answer.PROBABILITY) - to_link(second, Answer.PROBABILITY)
    return from_link(margin / 2.0, Answer.PROBABILITY)


def calibrate_sides(
    first: FloatArray, second: FloatArray, calibrator: Calibrator, *, has_draws: bool
) -> FloatArray:
    """The first side's calibrated probability; the sides agree before and after calibration."""
    ours = calibrator.apply(reconcile(first, second, has_draws=has_draws))
    theirs = calibrator.apply(reconcile(second, first, has_draws=has_draws))
    return reconcile(ours, theirs, has_draws=has_draws)
