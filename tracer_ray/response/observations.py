"""What one entity's response is estimated from: its rows on a logarithmic scale, with controls."""

from dataclasses import dataclass

import numpy as np

from tracer_ray.blueprint import Response
from tracer_ray.rows import MICROSECONDS_PER_DAY, BoolArray, FloatArray, IntArray, Rows

DAYS_PER_YEAR = 365.25
_MONTHS, _WEEKDAYS = 12, 7


@dataclass(frozen=True)
class Observations:
    """Rows of one entity with a price and a positive quantity, in order of time.

    `times` int64 [rows], `group` int64 [rows] codes of what has a level of its own (a store),
    `log_quantity` and `log_price` float64 [rows], `controls` float64 [rows, controls] with nulls
    as 0. `place` int64 [rows] says which of the entity's rows each is. `zero_share` is the share
    of rows that sold nothing and are not among them.
    """

    times: IntArray
    group: IntArray
    log_quantity: FloatArray
    log_price: FloatArray
    controls: FloatArray
    place: IntArray
    zero_share: float = 0.0

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.times)

    @property
    def is_dated(self) -> bool:
        """Whether its rows have times."""
        return bool(self.times.any())

    def take(self, chosen: BoolArray) -> "Observations":
        """The chosen rows."""
        return Observations(
            self.times[chosen],
            self.group[chosen],
            self.log_quantity[chosen],
            self.log_price[chosen],
            self.controls[chosen],
            self.place[chosen],
            self.zero_share,
        )


def observe(rows: Rows, response: Response, span: slice) -> Observations:
    """The usable rows of the entity that owns `span` of the rows."""
    price = rows.numbers[response.price][span]
    quantity = rows.numbers[response.target][span]
    is_sold, is_priced = quantity > 0.0, price > 0.0
    is_offered = is_priced & np.isfinite(quantity)
    kept = is_sold & is_priced
    names = (
        rows.categories[response.within][span][kept] if response.within else np.zeros(kept.sum())
    )
    _, group = np.unique(names.astype(np.str_), return_inverse=True)
    controls = [np.nan_to_num(rows.numbers[name][span][kept]) for name in response.controls]
    offered = int(is_offered.sum())
    return Observations(
        times=rows.times[span][kept],
        group=group.astype(np.int64),
        log_quantity=np.log(quantity[kept]),
        log_price=np.log(price[kept]),
        controls=np.stack(controls, axis=1) if controls else np.empty((int(kept.sum()), 0)),
        place=np.flatnonzero(kept),
        zero_share=float((is_offered & ~is_sold).sum() / offered) if offered else 0.0,
    )


def calendar_effects(times: IntArray) -> FloatArray:
    """A trend in years, and an indicator per month and weekday, float64 [rows, effects].

    Months only where the rows span a year: before, a month is a stretch of the trend.
    """
    day = times // MICROSECONDS_PER_DAY
    years = (day - day.min(initial=0)) / DAYS_PER_YEAR
    effects = [years]
    if len(day) and years.max() >= 1.0:
        month = times.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) % _MONTHS
        effects += [(month == number).astype(np.float64) for number in range(1, _MONTHS)]
    effects += [(day % _WEEKDAYS == number).astype(np.float64) for number in range(1, _WEEKDAYS)]
    return np.stack(effects, axis=1)
