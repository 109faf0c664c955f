"""What all generators share: their result, their random streams, and a few distributions."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tracer_ray.rows import FloatArray, IntArray


@dataclass(frozen=True)
class Synthetic:
    """Rows as a user would bring them, and in the same order what is true of each.

    `truth` holds expected values and probabilities given everything that happened before the row
    and is known at its time; no model can do better than these.
    """

    rows: pa.Table
    truth: pa.Table


def stream(seed: int, name: str) -> np.random.Generator:
    """A random stream of its own for each seed and name.

    >>> bool(stream(1, "a").random() == stream(1, "a").random())
    True
    >>> bool(stream(1, "a").random() == stream(1, "b").random())
    False
    """
    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest, "little"))


def drift(
    random: np.random.Generator, steps: int, width: int, spread: float, memory: float
) -> FloatArray:
    """Slowly wandering values, float64 [steps, width]: mean 0, standard deviation `spread`.

    A stationary first-order autoregression whose step t keeps `memory` of step t - 1.
    """
    shocks = random.normal(0.0, spread * np.sqrt(1.0 - memory**2), (steps, width))
    shocks[0] = random.normal(0.0, spread, width)
    values = np.empty_like(shocks)
    values[0] = shocks[0]
    for step in range(1, steps):
        values[step] = memory * values[step - 1] + shocks[step]
    return values


def counts(random: np.random.Generator, mean: FloatArray, dispersion: float) -> IntArray:
    """Negative binomial counts, int64: variance is mean + mean ** 2 / dispersion."""
    rate: FloatArray = random.gamma(dispersion, mean / dispersion)
    drawn: IntArray = random.poisson(rate)
    return drawn


def sigmoid(logit: FloatArray) -> FloatArray:
    """The probability of a logit, float64."""
    probability: FloatArray = 1.0 / (1.0 + np.exp(-logit))
    return probability


def round_robin(teams: int, rounds: int) -> IntArray:
    """Who meets whom, int64 [rounds, teams / 2, 2]; every team plays once in every round.

    The circle method: one team stays, the others move round it, so that all have met after
    `teams - 1` rounds. The sides change places from one round to the next.
    """
    others = np.arange(1, teams)
    pairs = np.empty((rounds, teams // 2, 2), np.int64)
    for number in range(rounds):
        circle = np.concatenate([[0], np.roll(others, number)])
        pairs[number] = np.stack([circle[: teams // 2], circle[: teams // 2 - 1 : -1]], axis=1)
        if number % 2:
            pairs[number] = pairs[number, :, ::-1]
    return pairs
