"""The scale on which models add up: numbers as they are, amounts as logarithms, probabilities as
log-odds."""

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.rows import FloatArray

LARGEST_LOG = 700.0  # amounts stay finite
MARGIN = 1e-6  # log-odds are taken of probabilities at least this far from 0 and 1


def log_odds(probability: FloatArray) -> FloatArray:
    """log(p / (1 - p)), kept finite."""
    clipped = np.clip(probability, MARGIN, 1.0 - MARGIN)
    return np.asarray(np.log(clipped / (1.0 - clipped)))


def sigmoid(margin: FloatArray) -> FloatArray:
    """1 / (1 + exp(-margin)), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * margin))


def to_link(prediction: FloatArray, answer: Answer) -> FloatArray:
    """A number as it is, an amount as log(1 + amount), a probability as log-odds.

    >>> to_link(np.array([0.5]), Answer.PROBABILITY)
    array([0.])
    """
    if answer is Answer.AMOUNT:
        return np.log1p(np.maximum(prediction, 0.0))
    return prediction if answer is Answer.NUMBER else log_odds(prediction)


def from_link(linked: FloatArray, answer: Answer) -> FloatArray:
    """The inverse of to_link.

    >>> from_link(to_link(np.array([120.0]), Answer.AMOUNT), Answer.AMOUNT).round(9)
    array([120.])
    """
    if answer is Answer.AMOUNT:
        return np.maximum(np.expm1(np.minimum(linked, LARGEST_LOG)), 0.0)
    return linked if answer is Answer.NUMBER else sigmoid(linked)


def blend(pooled: FloatArray, own: FloatArray, weight: float, answer: Answer) -> FloatArray:
    """The pooled and the own prediction mixed on the scale on which models add up.

    >>> blend(np.array([10.0]), np.array([14.0]), 0.25, Answer.NUMBER)
    array([11.])
    """
    start = to_link(pooled, answer)
    return from_link(start + weight * (to_link(own, answer) - start), answer)
