"""What an event moves in money over a horizon, in expectation.

With the probability p of an event within a period of m months, and a horizon of H months, the event
falls anywhere in its period with equal chance. If it happens it moves its value that many times:

    once                        min(1, H / m)
    more per month from then on H - m / 2                               (H^2 / 2m where H < m)
    what is paid per month ends m / 2 + m (1 - q^((H - m) / m)) / -ln q (H^2 / 2m where H < m)

with q = 1 - p: who stays through the period is taken to leave in later ones as likely as in this
one, so that a customer who is kept is not taken to stay for ever.
"""

from dataclasses import dataclass

import numpy as np

from tracer_ray.decision import Stake
from tracer_ray.rows import FloatArray

_NEARLY_NEVER = 1e-9  # (1 - q^x) / -ln q is x in the limit of p = 0


@dataclass(frozen=True)
class Holding:
    """What is at stake with an event: its kind, its value, and over which months.

    `value` is already the share of it that the objective counts; `period_months` is the time in
    which the event may happen.
    """

    stake: Stake
    value: float
    period_months: float
    horizon_months: float

    def moved(self, probability: FloatArray) -> FloatArray:
        """What the event brings (+) or takes (-) if it happens, for each of its probabilities.

        >>> fee = Holding(Stake.ENDS_REVENUE, value=10.0, period_months=6, horizon_months=6)
        >>> fee.moved(np.array([0.1, 0.4])).tolist()
        [-30.0, -30.0]
        """
        sign = 1.0 if self.stake.is_gain else -1.0
        return sign * self.value * self._times(probability)

    def expected(self, probability: FloatArray) -> FloatArray:
        """What the event brings or takes in expectation, nothing being done."""
        return probability * self.moved(probability)

    def impact(self, before: FloatArray, after: FloatArray) -> FloatArray:
        """What it brings in expectation that a probability is another one."""
        return (after - before) * self.moved(before)

    def _times(self, probability: FloatArray) -> FloatArray:
        """How many times the value is moved: months, or once."""
        horizon, period = self.horizon_months, self.period_months
        if not self.stake.is_monthly:
            return np.full(probability.shape, min(1.0, horizon / period))
        if horizon <= period:
            return np.full(probability.shape, horizon**2 / (2.0 * period))
        if self.stake is Stake.ADDS_REVENUE:
            return np.full(probability.shape, horizon - period / 2.0)
        later = (horizon - period) / period
        hazard = -np.log1p(-np.clip(probability, _NEARLY_NEVER, 1.0 - _NEARLY_NEVER))
        return period / 2.0 + period * -np.expm1(-hazard * later) / hazard
