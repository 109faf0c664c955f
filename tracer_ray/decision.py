"""What is done with a probability: when acting pays, names for the risk, and what is at stake."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tracer_ray.rows import FloatArray


class Stake(StrEnum):
    """What moves in money when the predicted event happens."""

    ENDS_REVENUE = "ends_revenue"  # what is paid every month ends: a customer leaves
    ADDS_REVENUE = "adds_revenue"  # more is paid every month from then on: one more product
    LOSES_SALE = "loses_sale"  # a sale is lost, once
    MAKES_SALE = "makes_sale"  # a sale is made, once
    COSTS = "costs"  # an amount is lost, once and wholly: a credit that is not paid back

    @property
    def is_gain(self) -> bool:
        """Whether the event brings money."""
        return self in (Stake.ADDS_REVENUE, Stake.MAKES_SALE)

    @property
    def is_monthly(self) -> bool:
        """Whether its value is counted per month."""
        return self in (Stake.ENDS_REVENUE, Stake.ADDS_REVENUE)

    @property
    def is_revenue(self) -> bool:
        """Whether its value is a sale, of which only the margin is profit."""
        return self is not Stake.COSTS


@dataclass(frozen=True)
class RiskBand:
    """A name for the probabilities from `times_threshold` times the decision's threshold on."""

    name: str
    times_threshold: float


RISK_BANDS = (RiskBand("low", 0.0), RiskBand("medium", 0.5), RiskBand("high", 1.0))


@dataclass(frozen=True)
class Decision:
    """What the two classes are called, and what the two mistakes cost (in one unit, any).

    A miss is to leave alone what then happens; a false alarm is to act on what would not have
    happened. `bands` begin at 0 and rise; `stake` says what the event moves in money. Raises
    ValueError where a cost is not positive or the bands are not in order.

    >>> decision = Decision("leaves", "stays", miss_cost=4.0, false_alarm_cost=1.0)
    >>> decision.threshold, decision.classes(np.array([0.1, 0.2]))
    (0.2, ['stays', 'leaves'])
    >>> decision.risks(np.array([0.05, 0.1, 0.3]))
    ['low', 'medium', 'high']
    """

    positive: str
    negative: str
    miss_cost: float
    false_alarm_cost: float
    bands: tuple[RiskBand, ...] = RISK_BANDS
    stake: Stake | None = None

    def __post_init__(self) -> None:
        """Refuse what gives no threshold or no band."""
        if not (self.miss_cost > 0.0 and self.false_alarm_cost > 0.0):
            raise ValueError(
                f"miss_cost={self.miss_cost}, false_alarm_cost={self.false_alarm_cost}: "
                "both must be above 0"
            )
        starts = [band.times_threshold for band in self.bands]
        if starts[:1] != [0.0] or starts != sorted(set(starts)):
            raise ValueError(f"the risk bands begin at {starts}; expected rising values from 0")

    @property
    def threshold(self) -> float:
        """The calibrated probability at which acting costs as much as leaving alone.

        c_false / (c_false + c_miss), from Elkan (2001), The foundations of cost-sensitive learning,
        with right decisions costing nothing.
        """
        return self.false_alarm_cost / (self.false_alarm_cost + self.miss_cost)

    @property
    def reason(self) -> str:
        """How the threshold was chosen, in a sentence with its numbers.

        >>> Decision("leaves", "stays", miss_cost=4.0, false_alarm_cost=1.0).reason
        'a miss is taken to cost 4 times a false alarm: acting pays from 1 / (1 + 4) on'
        """
        ratio = f"{self.miss_cost / self.false_alarm_cost:.4g}"
        return (
            f"a miss is taken to cost {ratio} times a false alarm: acting pays from "
            f"1 / (1 + {ratio}) on"
        )

    def classes(self, probability: FloatArray) -> list[str]:
        """The class of each calibrated probability [rows]."""
        is_positive = (probability >= self.threshold).tolist()
        return [self.positive if each else self.negative for each in is_positive]

    def risks(self, probability: FloatArray) -> list[str]:
        """The name of the risk of each calibrated probability [rows]."""
        starts = np.array([band.times_threshold for band in self.bands]) * self.threshold
        places = np.searchsorted(starts, probability, side="right") - 1
        return [self.bands[place].name for place in places.tolist()]
