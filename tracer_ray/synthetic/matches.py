"""Synthetic matches: two teams, best of three or five maps."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tracer_ray.rows import FloatArray, IntArray
from tracer_ray.synthetic.draws import Synthetic, drift, round_robin, sigmoid, stream

FIRST_DAY = np.datetime64("2023-01-06T18:00", "us")
DAYS_BETWEEN_ROUNDS = 4
STRENGTH_SPREAD = 0.6  # in log odds of winning a map
STRENGTH_MEMORY = 0.98  # per round
LONG_SHARE = 0.25  # of the matches are the best of five maps


def matches(teams: int = 24, rounds: int = 60, seed: int = 0) -> Synthetic:
    """One row per match of two teams, the sides in random order; all of it is invented.

    Every team plays once in every round. A team's strength wanders from round to round; the log
    odds of winning a map are the difference of the strengths. `truth` has the first side's
    probability of winning a map and the match, `map_probability` and `win_probability`. Raises
    ValueError for an odd number of teams, fewer than two, or fewer than one round.

    >>> matches(teams=4, rounds=3, seed=1).rows.num_rows
    6
    """
    if teams < 2 or teams % 2 or rounds < 1:
        raise ValueError(
            f"teams={teams}, rounds={rounds}: an even number of teams and at least one round "
            "are needed"
        )
    random = stream(seed, "matches")
    sides = random.permuted(round_robin(teams, rounds), axis=2).reshape(-1, 2)
    number = np.repeat(np.arange(rounds), teams // 2)
    strength = drift(random, rounds, teams, STRENGTH_SPREAD, STRENGTH_MEMORY)
    chance = sigmoid(strength[number, sides[:, 0]] - strength[number, sides[:, 1]])
    best_of = np.where(random.random(len(sides)) < LONG_SHARE, 5, 3)
    first, second = _play(random, chance, best_of)
    hour = np.tile(np.arange(teams // 2), rounds)
    times = FIRST_DAY + number * np.timedelta64(DAYS_BETWEEN_ROUNDS, "D")
    names = np.array([f"Team {team + 1:02d}" for team in range(teams)])
    rows = pa.table(
        {
            "match_id": [f"M{position:05d}" for position in range(len(sides))],
            "match_datetime": pa.array(
                times + hour * np.timedelta64(1, "h"), pa.timestamp("us", "UTC")
            ),
            "team_a": names[sides[:, 0]],
            "team_b": names[sides[:, 1]],
            "best_of": best_of,
            "maps_a": first,
            "maps_b": second,
        }
    )
    truth = {"map_probability": chance, "win_probability": match_probability(chance, best_of)}
    return Synthetic(rows, pa.table(truth))


def match_probability(chance: FloatArray, best_of: npt.NDArray[np.int64]) -> FloatArray:
    """The probability of winning most of three or five maps, each won with `chance`.

    The negative binomial sums p^2 (3 - 2p) and p^3 (10 - 15p + 6p^2).

    >>> match_probability(np.array([0.5, 0.6]), np.array([5, 3])).tolist()
    [0.5, 0.648]
    """
    three = chance**2 * (3.0 - 2.0 * chance)
    five = chance**3 * (10.0 - 15.0 * chance + 6.0 * chance**2)
    return np.where(best_of == 5, five, three)


def _play(
    random: np.random.Generator, chance: FloatArray, best_of: IntArray
) -> tuple[IntArray, IntArray]:
    """The maps each side won when one of them had won most of `best_of`."""
    is_first = random.random((len(chance), 5)) < chance[:, None]
    first, second = np.cumsum(is_first, axis=1), np.cumsum(~is_first, axis=1)
    needed = (best_of // 2 + 1)[:, None]
    last = np.argmax((first >= needed) | (second >= needed), axis=1)
    match = np.arange(len(chance))
    return first[match, last], second[match, last]
