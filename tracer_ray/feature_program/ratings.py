"""Elo ratings of sides that meet (Elo, The Rating of Chessplayers, Past and Present, 1978).

The expected score is logistic with base 10 and 400 points; everybody starts at 1500. Meetings at
one instant are all read before any is applied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tracer_ray.feature_program.grouping import run_starts, run_sums
from tracer_ray.feature_program.kernels import compiled
from tracer_ray.feature_program.ledger import Entries, Ledger, Values
from tracer_ray.feature_program.state import RATINGS, FeatureState, States
from tracer_ray.features import Feature, Op
from tracer_ray.rows import Float32Array, FloatArray, IntArray, TextArray, Texts

START = 1500.0
SCALE = 400.0
HOME_ADVANTAGE = 60.0


@dataclass(frozen=True)
class Meetings:
    """Rows in which a side meets its opponent, one per side: `won` float64, NaN if unknown."""

    sides: Texts
    opponents: Texts
    times: IntArray
    won: FloatArray


@dataclass(frozen=True)
class Pairings:
    """Meetings with both their rows as one, sorted by time.

    `first`, `second` int64: positions in `names`; `played` float64: how many meetings the pair had
    at that time (0 where no result is known); `score` float64: points of the first, a draw is 0.5.
    """

    names: TextArray
    times: IntArray
    first: IntArray
    second: IntArray
    played: FloatArray
    score: FloatArray


def pair(meetings: Sequence[Meetings]) -> Pairings:
    """The meetings of all buckets; one counts when both sides' rows are there."""
    both = Texts.join([part.sides for part in meetings] + [part.opponents for part in meetings])
    side, opponent = np.split(both.codes, 2)
    times = np.concatenate([part.times for part in meetings])
    won = np.concatenate([part.won for part in meetings])
    first, second = np.minimum(side, opponent), np.maximum(side, opponent)
    order = np.lexsort((second, first, times))
    starts = run_starts(times[order], first[order], second[order])
    rows = order[starts]
    is_known = ~np.isnan(won) & (side != opponent) & (both.names != "")[opponent]

    def total(is_first: bool, values: FloatArray) -> FloatArray:
        chosen = is_known & ((side < opponent) == is_first)
        return run_sums(np.where(chosen, values, 0.0)[order], starts)

    ones = np.ones(len(won))
    played = np.minimum(total(True, ones), total(False, ones))
    score = 0.5 * (played + total(True, won) - total(False, won))
    return Pairings(both.names, times[rows], first[rows], second[rows], played, score)


@compiled
def _replay(
    pairings: tuple[IntArray, IntArray, IntArray, FloatArray, FloatArray],
    k_factors: FloatArray,
    ratings: FloatArray,
    before: FloatArray,
) -> None:
    """Moves `ratings` [names, k_factors] through times, first, second, played and score.

    Fills `before` [2, pairings, k_factors] with both sides' ratings before each pairing.
    """
    times, first, second, played, score = pairings
    start = 0
    while start < len(times):
        end = start
        while end < len(times) and times[end] == times[start]:
            before[0, end] = ratings[first[end]]
            before[1, end] = ratings[second[end]]
            end += 1
        for row in range(start, end):
            for k in range(len(k_factors)):
                lead = before[0, row, k] - before[1, row, k]
                expected = 1.0 / (1.0 + 10.0 ** (-lead / SCALE))
                move = k_factors[k] * (score[row] - played[row] * expected)
                ratings[first[row], k] += move
                ratings[second[row], k] -= move
        start = end


@dataclass(frozen=True)
class Elo:
    """Ratings with one column per K factor, held as points above 1500: 0 is a newcomer.

    `won` and `home` name the columns of the rows that say who won and who is at home (may be "").
    """

    k_factors: tuple[int, ...]
    won: str
    home: str

    def replay(self, meetings: Sequence[Meetings], state: FeatureState) -> tuple[Ledger, States]:
        """The ratings of both sides before each of their meetings, and after the last."""
        pairings = pair(meetings)
        ratings = state.take(RATINGS, pairings.names, len(self.k_factors))
        before = np.empty((2, len(pairings.times), len(self.k_factors)))
        arrays = (pairings.times, pairings.first, pairings.second, pairings.played, pairings.score)
        _replay(arrays, np.array(self.k_factors, np.float64), ratings, before)
        sides = (pairings.first, pairings.second)
        entries = Entries.join(
            [
                Entries(Texts(pairings.names, side), pairings.times, values)
                for side, values in zip(sides, before, strict=True)
            ]
        )
        return Ledger(entries.first()), States(pairings.names, ratings)

    def fill(
        self,
        features: Mapping[int, Feature],
        numbers: Mapping[str, FloatArray],
        ratings: tuple[Values, Values],
        out: Float32Array,
    ) -> None:
        """Fills the rating features of `out` from both sides' ratings, NaN for a newcomer."""
        own, other = (np.nan_to_num(side.astype(np.float64), nan=0.0) for side in ratings)
        home = np.nan_to_num(numbers[self.home], nan=0.0) if self.home else 0.0
        for position, feature in features.items():
            k = self.k_factors.index(feature.window)
            lead = own[:, k] - other[:, k]
            if feature.op is Op.RATING_PROBABILITY:
                out[:, position] = win_probability(lead + HOME_ADVANTAGE * home)
            else:
                out[:, position] = lead if feature.versus else START + own[:, k]


def win_probability(lead: FloatArray) -> FloatArray:
    """The probability of a win, plus half that of a draw, at a lead in rating points.

    >>> win_probability(np.array([0.0, 400.0])).round(6).tolist()
    [0.5, 0.909091]
    """
    return np.asarray(1.0 / (1.0 + 10.0 ** (-lead / SCALE)), np.float64)
