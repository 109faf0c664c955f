"""Weights for several forecasts of one outcome: stacked regression that is never contrary.

Breiman (1996), "Stacked regressions": forecasts are combined by weights that are not negative,
which keeps forecasts that go together from being set against each other.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np

from tracer_ray.link import sigmoid
from tracer_ray.rows import FloatArray


class Outcome(StrEnum):
    """What is combined: the log odds of an event, or an amount itself."""

    EVENT = "event"
    AMOUNT = "amount"

    def mean(self, link: FloatArray) -> FloatArray:
        """What is expected, from the sum of intercept and weighted forecasts.

        >>> Outcome.EVENT.mean(np.array([0.0])), Outcome.AMOUNT.mean(np.array([3.0]))
        (array([0.5]), array([3.]))
        """
        return link if self is Outcome.AMOUNT else sigmoid(link)

    def losses(self, link: FloatArray, actual: FloatArray) -> FloatArray:
        """The log loss of each row, or the squared error, float64 [rows]."""
        if self is Outcome.AMOUNT:
            errors: FloatArray = (actual - link) ** 2
            return errors
        lost: FloatArray = np.logaddexp(0.0, link) - actual * link
        return lost

    @property
    def metric(self) -> str:
        """The name of the loss."""
        return "log_loss" if self is Outcome.EVENT else "squared_error"


def fit_weights(signals: FloatArray, actual: FloatArray, outcome: Outcome) -> FloatArray:
    """The intercept and a weight per signal, float64 [1 + signals], none of the weights negative.

    `signals` float64 [rows, signals] are standard scores, which rise with the outcome. The sum of
    the losses and of half the squares of the weights is least: a standard normal prior on each, so
    that a signal that tells nothing has a weight near 0. Amounts are standardised for the fit.

    >>> signals = np.array([[-1.0], [0.0], [1.0]] * 100)
    >>> fit_weights(signals, 5.0 + 2.0 * signals[:, 0], Outcome.AMOUNT).round(2).tolist()
    [5.0, 1.99]
    """
    from scipy import optimize

    is_amount = outcome is Outcome.AMOUNT
    center, spread = (actual.mean(), actual.std() or 1.0) if is_amount else (0.0, 1.0)
    scaled = (actual - center) / spread
    columns = np.column_stack([np.ones(len(actual)), signals])

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        link = columns @ weights
        share = 0.5 if is_amount else 1.0  # half the squared error: the log density of a normal
        penalty = weights * np.append(0.0, np.ones(len(weights) - 1))
        value = share * outcome.losses(link, scaled).sum() + 0.5 * float(penalty @ penalty)
        return float(value), columns.T @ (outcome.mean(link) - scaled) + penalty

    bounds = [(None, None), *[(0.0, None)] * signals.shape[1]]
    start = np.zeros(columns.shape[1])
    minimize: Callable[..., Any] = optimize.minimize  # scipy does not say its types
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13}
    )
    weights: FloatArray = spread * found.x
    weights[0] += center
    return weights
