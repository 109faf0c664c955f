"""Elasticities of many entities together: each is drawn to what all of them show.

With own estimates e_i of standard error s_i and a normal prior N(m, t^2) for what entities truly
are, the posterior mean is e_i w + m (1 - w) with w = t^2 / (t^2 + s_i^2), and its variance
w s_i^2 + (1 - w)^2 times that of m (empirical Bayes; Efron and Morris 1975). An entity without an
estimate of its own gets m, as sure as the spread t allows.
"""

from dataclasses import dataclass
from math import inf, isfinite, sqrt

from tracer_ray.response.regression import Slope

COVERAGE = 0.9
_MOSTLY = 0.95  # the own share from which an estimate counts as the entity's own


@dataclass(frozen=True)
class Pool:
    """What all entities show: the mean elasticity, its error, the true spread, how many they are.

    Fewer than two entities show nothing, and the error is infinite.
    """

    mean: float
    mean_error: float
    spread: float
    entities: int

    @property
    def is_known(self) -> bool:
        """Whether there is anything to draw to."""
        return isfinite(self.mean_error)


@dataclass(frozen=True)
class Elasticity:
    """An elasticity, its standard error, and the ends of its 90 % interval.

    `own_share` is how much of it is the entity's own estimate.
    """

    value: float
    error: float
    low: float
    high: float
    own_share: float

    @property
    def is_own(self) -> bool:
        """Whether it is nearly all the entity's own."""
        return self.own_share >= _MOSTLY


def draw(slope: Slope | None, pool: Pool) -> Elasticity | None:
    """The entity's elasticity after pooling; None where neither it nor the others show one.

    >>> pool = Pool(mean=-2.0, mean_error=0.0, spread=0.3, entities=50)
    >>> drawn = draw(Slope(-3.0, 0.3, inf, (), 1.0), pool)
    >>> drawn.value, round(drawn.error, 4), drawn.own_share
    (-2.5, 0.2121, 0.5)
    """
    if slope is None:
        if not pool.is_known:
            return None
        return _elasticity(pool.mean, sqrt(pool.spread**2 + pool.mean_error**2), 0.0, inf)
    if not pool.is_known:
        return _elasticity(slope.elasticity, slope.error, 1.0, slope.freedom)
    noise = slope.error**2
    share = pool.spread**2 / (pool.spread**2 + noise) if noise else 1.0
    value = share * slope.elasticity + (1.0 - share) * pool.mean
    error = sqrt(share * noise + (1.0 - share) ** 2 * pool.mean_error**2)
    freedom = slope.freedom / share if share else inf
    return _elasticity(value, error, share, freedom)


def own_interval(slope: Slope) -> tuple[float, float]:
    """The ends of the 90 % interval of an own estimate alone."""
    own = _elasticity(slope.elasticity, slope.error, 1.0, slope.freedom)
    return own.low, own.high


def _elasticity(value: float, error: float, share: float, freedom: float) -> Elasticity:
    from scipy.special import ndtri, stdtrit

    level = (1.0 + COVERAGE) / 2.0
    wide = error * float(stdtrit(freedom, level) if isfinite(freedom) else ndtri(level))
    return Elasticity(value, error, value - wide, value + wide, share)
