"""The predictive distribution of a number around its point forecast, from held-out rows.

How far outcomes fell from their forecasts on calibration rows says how far the next one may fall:
the spread grows with the forecast, its shape is learned in bins of the forecast, and with new rows
like the old ones an interval holds its share. Counts keep to whole numbers from 0 upward.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tracer_ray.errors import ReleaseError, TrainingError
from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.amount_distribution import (
    AmountDistribution,
    amount_from_arrays,
    fit_amount,
)
from tracer_ray.uncertainty.count_distribution import (
    LARGEST_COUNT,
    CountDistribution,
    count_from_arrays,
    fit_count,
)
from tracer_ray.uncertainty.number_distribution import (
    NumberDistribution,
    fit_number,
    number_from_arrays,
)

Form = CountDistribution | NumberDistribution | AmountDistribution

MINIMUM_ROWS, MINIMUM_AMOUNTS = 20, 10  # the latter have one shape at every height
_BLOCK_ROWS = 10_000


@dataclass(frozen=True)
class Distribution:
    """What may happen around point forecasts.

    All methods take the forecasts `mu`, float64 [rows], and `spread` [rows] or [rows, features]
    exactly where the distribution was fitted with one (else ValueError); `usual_spread` stands in
    for what is null of it.
    """

    form: Form
    has_spread: bool
    usual_spread: tuple[float, ...] = ()

    @property
    def is_count(self) -> bool:
        """Whether outcomes are small whole numbers from 0 upward."""
        return isinstance(self.form, CountDistribution)

    @property
    def has_negative(self) -> bool:
        """Whether an outcome may be below 0."""
        return isinstance(self.form, NumberDistribution) and not self.form.is_nonnegative

    def over(
        self, mu: FloatArray, line: FloatArray | float, spread: FloatArray | None = None
    ) -> FloatArray:
        """P(Y > line), float64 [rows]; on a whole line the rest to 1 with `under` is a push."""
        return self._by_blocks(self.form.over, mu, _each(line, mu), spread)

    def under(
        self, mu: FloatArray, line: FloatArray | float, spread: FloatArray | None = None
    ) -> FloatArray:
        """P(Y < line), float64 [rows]."""
        return self._by_blocks(self.form.under, mu, _each(line, mu), spread)

    def quantile(
        self, mu: FloatArray, levels: FloatArray, spread: FloatArray | None = None
    ) -> FloatArray:
        """The smallest outcome with at least so much probability, float64 [rows, levels]."""
        return self._by_blocks(
            lambda part, _, size: self.form.quantile(part, levels, size), mu, mu, spread
        )

    def interval(
        self, mu: FloatArray, coverage: float = 0.8, spread: FloatArray | None = None
    ) -> FloatArray:
        """The central interval (lower, upper), float64 [rows, 2].

        For counts it has whole ends and the probability nearest to `coverage` that such ends allow.
        """
        return self._by_blocks(
            lambda part, _, size: self.form.interval(part, coverage, size), mu, mu, spread
        )

    def median(self, mu: FloatArray, spread: FloatArray | None = None) -> FloatArray:
        """The median, float64 [rows]."""
        return self.quantile(mu, np.array([0.5]), spread)[:, 0]

    def mean(self, mu: FloatArray, spread: FloatArray | None = None) -> FloatArray:
        """The mean, float64 [rows]."""
        return self._by_blocks(lambda part, _, size: self.form.mean(part, size), mu, mu, spread)

    def crps(
        self, mu: FloatArray, actual: FloatArray, spread: FloatArray | None = None
    ) -> FloatArray:
        """Continuous ranked probability score, float64 [rows]; lower is better."""
        return self._by_blocks(self.form.crps, mu, actual, spread)

    def to_arrays(self) -> dict[str, FloatArray]:
        """The distribution as float64 arrays, for an .npz file."""
        kind = np.array([float(_FORMS.index(type(self.form))), float(self.has_spread)])
        return {"kind": kind, "usual": np.array(self.usual_spread), **self.form.to_arrays()}

    @staticmethod
    def from_arrays(arrays: Mapping[str, FloatArray]) -> "Distribution":
        """The distribution of `to_arrays`; ReleaseError where an array is missing."""
        try:
            form, has_spread = arrays["kind"].tolist()
            usual = tuple(arrays["usual"].tolist()) if "usual" in arrays else ()
            return Distribution(_READERS[_FORMS[int(form)]](arrays), bool(has_spread), usual)
        except (KeyError, ValueError) as error:
            raise ReleaseError(f"the arrays of a distribution are incomplete: {error}") from error

    def _by_blocks(
        self,
        function: Callable[[FloatArray, FloatArray, FloatArray | None], FloatArray],
        mu: FloatArray,
        other: FloatArray,
        spread: FloatArray | None,
    ) -> FloatArray:
        """The function over blocks of rows: tables of all rows at once would not fit in memory."""
        if self.has_spread != (spread is not None):
            was = "with" if self.has_spread else "without"
            raise ValueError(f"the distribution was fitted {was} a spread; ask {was} one")
        spread = None if spread is None else _known(spread, self.usual_spread)
        if len(mu) <= _BLOCK_ROWS:
            return function(mu, other, spread)
        blocks = [slice(at, at + _BLOCK_ROWS) for at in range(0, len(mu), _BLOCK_ROWS)]
        return np.concatenate(
            [function(mu[b], other[b], None if spread is None else spread[b]) for b in blocks]
        )


_FORMS = (NumberDistribution, CountDistribution, AmountDistribution)
_READERS: Mapping[type, Callable[[Mapping[str, FloatArray]], Form]] = {
    NumberDistribution: number_from_arrays,
    CountDistribution: count_from_arrays,
    AmountDistribution: amount_from_arrays,
}


def fit_amounts(mu: FloatArray, actual: FloatArray) -> Distribution:
    """The distribution of amounts from 0 up, whose errors grow with them; otherwise as below.

    >>> random = np.random.default_rng(0)
    >>> mu = random.uniform(100, 10_000, 2000)
    >>> sales = fit_amounts(mu, mu * random.lognormal(0.0, 0.1, 2000))
    >>> sales.interval(np.array([1000.0])).round(-1)
    array([[ 880., 1140.]])
    """
    _refuse_unfit([mu, actual], MINIMUM_AMOUNTS)
    return Distribution(fit_amount(mu, actual), has_spread=False)


def fit_distribution(
    mu: FloatArray, actual: FloatArray, spread: FloatArray | None = None
) -> Distribution:
    """The distribution of outcomes around forecasts, from rows that no model was fitted to.

    `mu` and `actual` are float64 [rows], and so is `spread` (a feature that grows with the
    uncertainty, such as the recent standard deviation; not negative), or [rows, features]: their
    best combination is used, and the median in place of nulls. TrainingError below 20 rows and
    where a forecast or outcome is null or infinite.

    >>> random = np.random.default_rng(0)
    >>> mu = random.uniform(2, 20, 2000)
    >>> points = fit_distribution(mu, random.poisson(mu).astype(float))
    >>> points.interval(np.array([10.0]))
    array([[ 7., 14.]])
    >>> round(float(points.over(np.array([10.0]), 9.5)[0]), 1)
    0.5
    """
    _refuse_unfit([mu, actual], MINIMUM_ROWS)
    usual = () if spread is None else _usual(spread)
    spread = None if spread is None else _known(spread, usual)
    is_count = bool(
        (actual >= 0).all() and (actual == np.round(actual)).all() and actual.max() <= LARGEST_COUNT
    )
    fit = fit_count if is_count else fit_number
    return Distribution(fit(mu, actual, spread), spread is not None, usual)


def _usual(spread: FloatArray) -> tuple[float, ...]:
    """The median of what is known of each column, 0 where nothing is."""
    columns = np.column_stack([spread]).T
    known = [column[np.isfinite(column)] for column in columns]
    return tuple(float(np.median(each)) if len(each) else 0.0 for each in known)


def _known(spread: FloatArray, usual: tuple[float, ...]) -> FloatArray:
    """The spread with the usual one in place of nulls."""
    if np.isfinite(spread).all():
        return spread
    fill = np.array(usual) if spread.ndim > 1 else np.array(usual[0])
    return np.where(np.isfinite(spread), spread, fill)


def _refuse_unfit(given: list[FloatArray], least: int) -> None:
    rows = len(given[0])
    if rows < least:
        raise TrainingError(
            f"a distribution needs {least} calibration rows, got {rows}; add history"
        )
    if not all(np.isfinite(each).all() for each in given):
        raise TrainingError(
            "a forecast, outcome or spread is null or infinite; leave such rows out"
        )


def _each(value: FloatArray | float, mu: FloatArray) -> FloatArray:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), mu.shape)
