"""Objectives: what a composite's money is counted in, and over how many months."""

import re
from dataclasses import dataclass
from enum import StrEnum

from tracer_ray.decision import Stake
from tracer_ray.errors import CompositeError

MOST_MONTHS = 60
_FORM = re.compile(r"(maximize_revenue|maximize_profit|minimize_loss)_(\d{1,2})_months?")


class Metric(StrEnum):
    """What is counted."""

    REVENUE = "revenue"  # money that comes in, whatever it costs to serve
    PROFIT = "profit"  # the margin of what is sold, and the whole of what is lost
    LOSS = "loss"  # only what may be lost


@dataclass(frozen=True)
class Objective:
    """A metric over so many months from now."""

    metric: Metric
    months: int

    @classmethod
    def parse(cls, text: str) -> "Objective":
        """The objective that a name says; CompositeError listing the known ones otherwise.

        >>> Objective.parse("maximize_revenue_6_months")
        Objective(metric=<Metric.REVENUE: 'revenue'>, months=6)
        """
        found = _FORM.fullmatch(text)
        months = int(found[2]) if found else 0
        if found is None or not 1 <= months <= MOST_MONTHS:
            raise CompositeError(
                f"no objective {text[:60]!r}; there are maximize_revenue_N_months, "
                f"maximize_profit_N_months and minimize_loss_N_months with N from 1 to "
                f"{MOST_MONTHS}"
            )
        return cls(Metric(found[1].rpartition("_")[2]), months)

    def share(self, stake: Stake, margin: float | None) -> float:
        """How much of a stake's money counts; `margin` is the share of sales that is profit.

        >>> profit = Objective.parse("maximize_profit_6_months")
        >>> profit.share(Stake.ENDS_REVENUE, 0.4), profit.share(Stake.COSTS, 0.4)
        (0.4, 1.0)
        """
        if self.metric is Metric.LOSS and stake.is_gain:
            return 0.0
        if self.metric is Metric.PROFIT and stake.is_revenue:
            return margin if margin is not None else 0.0
        return 1.0
