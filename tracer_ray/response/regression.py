"""One entity's elasticity: a log-log regression with errors that hold under autocorrelation.

    log quantity = level of the group + elasticity * log price + controls + calendar + error

What sold well last week sells well this week, so errors follow a first-order autoregression within
a group. Its coefficient is estimated from residuals, with a correction for the downward bias in
short series, and removed by quasi-differences (Prais and Winsten 1954). The levels are removed by
the within transformation and everything else from the price first (Frisch and Waugh 1933), so the
elasticity is one slope, however many controls there are. Its standard error allows for unequal
variances and takes all rows of one instant as one observation, as stores share the shocks of a
week (Liang and Zeger 1986), with residuals as if each row had been left out (HC3, MacKinnon and
White 1985); it goes with Student's t. Rows without a time are taken for independent.
"""

from dataclasses import dataclass
from math import exp

import numpy as np

from tracer_ray.response.observations import Observations, calendar_effects
from tracer_ray.rows import BoolArray, FloatArray, IntArray

MINIMUM_INSTANTS = 30
SPARE_ROWS = 10  # beyond one per coefficient
LEAST_PRICE_CHANGE = 0.03
LEAST_OWN_MOVE = 0.005  # deviation of log price that controls and calendar don't explain
MOST_ZEROS = 0.2
_MOST_MEMORY = 0.95
_ROUNDS = 2
_INDEPENDENT = 1e-9
_RANGE = (5.0, 95.0)


@dataclass(frozen=True)
class PriceRange:
    """The prices between which nine tenths of the rows lie."""

    low: float
    high: float

    @property
    def change(self) -> float:
        """How far the highest lies above the lowest, as a share."""
        return self.high / self.low - 1.0


@dataclass(frozen=True)
class Slope:
    """An elasticity with its standard error and the degrees of freedom of Student's t.

    `controls` are the effects of the controls on log quantity, `residual` the deviation of what
    neither they nor the past row tell, `memory` how much of an error the next row keeps.
    """

    elasticity: float
    error: float
    freedom: float
    controls: tuple[float, ...] = ()
    residual: float = 0.0
    memory: float = 0.0


def price_range(seen: Observations) -> PriceRange:
    """Where the prices lay; there must be a row."""
    low, high = np.percentile(seen.log_price, _RANGE).tolist()
    return PriceRange(exp(low), exp(high))


def fit_slope(seen: Observations) -> Slope | str:
    """The elasticity of one entity's rows, or why there is none, in words."""
    instants = len(np.unique(seen.times)) if seen.is_dated else len(seen)
    if instants < MINIMUM_INSTANTS:
        return f"{instants} rows at different times, fewer than {MINIMUM_INSTANTS}"
    if seen.zero_share > MOST_ZEROS:
        return f"{seen.zero_share:.0%} of its rows sold nothing, more than {MOST_ZEROS:.0%}"
    change = price_range(seen).change
    if change < LEAST_PRICE_CHANGE:
        return f"its price varied by {change:.1%}, less than {LEAST_PRICE_CHANGE:.0%}"
    panel = _panel(seen)
    fitted = _fit(panel, 0.0)
    if instants < fitted.used - panel.groups + 1 + SPARE_ROWS:
        return f"{instants} rows at different times, too few for {fitted.used} coefficients"
    if fitted.price.std() < LEAST_OWN_MOVE:
        return "its price moved only together with promotions and the season"
    memory = 0.0
    for _ in range(_ROUNDS if seen.is_dated else 0):
        memory = _memory(panel, fitted)
        fitted = _fit(panel, memory)
    return _slope(panel, fitted, memory)


@dataclass(frozen=True)
class _Panel:
    """Rows by group and time: log price and quantity, and what else explains them.

    `first` marks the first row of a group, `instant` numbers the instants of time.
    """

    both: FloatArray
    explained: FloatArray
    group: IntArray
    first: BoolArray
    instant: IntArray
    controls: int

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return int(self.group.max()) + 1


@dataclass(frozen=True)
class _Fit:
    """What is left of price and quantity, and how: coefficients, leverages, their number."""

    price: FloatArray
    quantity: FloatArray
    elasticity: float
    effects: FloatArray
    leverage: FloatArray
    used: int


def _panel(seen: Observations) -> _Panel:
    order = np.lexsort((seen.times, seen.group))
    group = seen.group[order]
    calendar = calendar_effects(seen.times) if seen.is_dated else np.empty((len(seen), 0))
    instant = np.arange(len(seen))
    if seen.is_dated:
        instant = np.unique(seen.times[order], return_inverse=True)[1].astype(np.int64)
    return _Panel(
        np.column_stack([seen.log_price, seen.log_quantity])[order],
        np.column_stack([seen.controls, calendar])[order],
        group,
        np.append(True, group[1:] != group[:-1]),
        instant,
        seen.controls.shape[1],
    )


def _fit(panel: _Panel, memory: float) -> _Fit:
    """Least squares on quasi-differences, each group with a level of its own."""
    scale = np.where(panel.first, np.sqrt(1.0 - memory**2), 1.0)
    level = np.where(panel.first, scale, 1.0 - memory)
    power = np.bincount(panel.group, weights=level**2).astype(np.float64)
    both, explained = (
        _levelled(_differenced(each, panel.first, memory) * scale[:, None], panel, level, power)
        for each in (panel.both, panel.explained)
    )
    effects, _, rank, _ = np.linalg.lstsq(explained, both, rcond=_INDEPENDENT)
    price, quantity = (both - explained @ effects).T
    spread = float(price @ price)
    elasticity = float(price @ quantity) / spread if spread else 0.0
    basis = _basis(explained)
    leverage = (basis**2).sum(axis=1) + level**2 / power[panel.group]
    return _Fit(
        price,
        quantity,
        elasticity,
        effects[:, 1] - elasticity * effects[:, 0],
        np.minimum(leverage + (price**2 / spread if spread else 0.0), 1.0 - _INDEPENDENT),
        int(rank) + 1 + panel.groups,
    )


def _differenced(values: FloatArray, first: BoolArray, memory: float) -> FloatArray:
    """Each row less `memory` of the one before it in its group, float64 [rows, columns]."""
    before = np.roll(values, 1, axis=0)
    return values - memory * np.where(first[:, None], 0.0, before)


def _levelled(
    values: FloatArray, panel: _Panel, level: FloatArray, power: FloatArray
) -> FloatArray:
    """The values without the level of their group (within transformation)."""
    if not values.shape[1]:
        return values
    sums = [np.bincount(panel.group, weights=level * column) for column in values.T]
    means = np.stack(sums, axis=1) / power[:, None]
    return values - level[:, None] * means[panel.group]


def _basis(explained: FloatArray) -> FloatArray:
    """Orthonormal columns that span the same, float64 [rows, rank]."""
    left, sizes, _ = np.linalg.svd(explained, full_matrices=False)
    return np.asarray(left[:, sizes > _INDEPENDENT * max(sizes.max(initial=0.0), _INDEPENDENT)])


def _memory(panel: _Panel, fitted: _Fit) -> float:
    """How much of an error the next row of a group keeps, from 0 to 0.95.

    Residuals of short series hide some of it: each coefficient takes a row's share, and a level
    (1 + 3 r) / T (Kendall 1954), half of which is found in the coefficients already.
    """
    error = panel.both[:, 1] - fitted.elasticity * panel.both[:, 0]
    error = error - panel.explained @ fitted.effects
    counts = np.bincount(panel.group)
    error = error - (np.bincount(panel.group, weights=error) / counts)[panel.group]
    inside = ~panel.first[1:]
    power = float(error @ error)
    found = float(error[1:][inside] @ error[:-1][inside]) / power if power else 0.0
    hidden = (fitted.used - panel.groups + 1) / len(error)
    hidden += 0.5 * (1.0 + 3.0 * found) / float(counts.mean())
    return min(max(found + hidden, 0.0), _MOST_MEMORY)


def _slope(panel: _Panel, fitted: _Fit, memory: float) -> Slope:
    left = fitted.quantity - fitted.elasticity * fitted.price
    unseen = left / (1.0 - fitted.leverage)
    scores = np.bincount(panel.instant, weights=fitted.price * unseen)
    instants = int(panel.instant.max()) + 1
    return Slope(
        fitted.elasticity,
        float(np.sqrt(scores @ scores) / (fitted.price @ fitted.price)),
        float(instants - (fitted.used - panel.groups) - 1),
        tuple(fitted.effects[: panel.controls].tolist()),
        float(np.sqrt(left @ left / max(len(left) - fitted.used, 1))),
        memory,
    )
