"""Which model answers for an entity: its own, a blend, the pooled one, or the baseline.

Decided where the pooled model answers by default (standing.py).

An own model is measured by its gain: the pooled model's loss minus its own, on validation rows
that neither model was fitted to nor chosen on. One entity's gain is mostly noise (80 rows tell
little about 1 %), so gains are shrunk to what the whole fleet shows: with gains g_i of standard
error s_i and a normal prior N(m, t^2) estimated from all entities, the posterior mean is

    (g_i / s_i^2 + m / t^2) / (1 / s_i^2 + 1 / t^2)

and variance 1 / (1 / s_i^2 + 1 / t^2) (empirical Bayes; Efron & Morris 1975). Many entities are
looked at, with several alternatives each, so some look good by chance: an entity leaves the pooled
model only where that is kept to one in twenty of those who leave (the false discovery rate of
Benjamini & Hochberg 1995).
"""

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
import numpy.typing as npt

from tracer_ray.releases.tables import Level
from tracer_ray.rows import FloatArray, IntArray


@dataclass(frozen=True)
class Alternative:
    """Something that could answer instead of the pooled model.

    `weight` is the share of the entity's own model beside the pooled one; 0 for the baseline.
    """

    level: Level
    weight: float

    @property
    def label(self) -> str:
        """A readable name: entity, blend 0.50, baseline."""
        return f"{self.level} {self.weight:.2f}" if self.level is Level.BLEND else str(self.level)


ALTERNATIVES = (
    Alternative(Level.BLEND, 0.25),
    Alternative(Level.BLEND, 0.5),
    Alternative(Level.ENTITY, 1.0),
    Alternative(Level.BASELINE, 0.0),
)


@dataclass(frozen=True)
class Prior:
    """What the fleet shows of one alternative: the mean gain, its error, and the true spread."""

    mean: float
    mean_error: float
    spread: float


FALSE_DISCOVERY_RATE = 0.05
SMALLEST_ERROR = 1e-9  # below, two models say the same


@dataclass(frozen=True)
class Decision:
    """For each entity the chosen alternative (-1 is the pooled model) and its posterior gain."""

    choice: IntArray
    posterior: FloatArray
    priors: tuple[Prior, ...]


def gain(pooled_losses: FloatArray, own_losses: FloatArray) -> tuple[float, float]:
    """The mean gain over the pooled model and its standard error, from losses per row.

    >>> gain(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]))
    (0.6666666666666666, 0.33333333333333337)
    """
    gains = pooled_losses - own_losses
    return float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains)))


def estimate_prior(gains: FloatArray, errors: FloatArray) -> Prior:
    """The fleet's mean gain and true spread by the method of moments (DerSimonian & Laird 1986).

    `gains` and `errors` are float64 [entities]. Entities with NaN are left out, and those without
    an error: their own model says what the pooled one says, which tells nothing of the others'.
    """
    is_known = np.isfinite(gains) & (errors > SMALLEST_ERROR)
    gains, errors = gains[is_known], errors[is_known]
    if len(gains) < 2:
        return Prior(0.0, float("inf"), 0.0)
    weight = errors**-2.0
    mean = np.average(gains, weights=weight)
    excess = (weight * (gains - mean) ** 2).sum() - (len(gains) - 1)
    variance = max(0.0, excess / (weight.sum() - (weight**2).sum() / weight.sum()))
    weight = 1.0 / (errors**2 + variance)
    mean = np.average(gains, weights=weight)
    return Prior(float(mean), float(weight.sum() ** -0.5), float(variance**0.5))


def shrink(gains: FloatArray, errors: FloatArray, prior: Prior) -> tuple[FloatArray, FloatArray]:
    """Each entity's posterior mean gain and its deviation, float64 [entities]; NaN if unknown.

    The fleet's mean counts only where it is beyond twice its own error, unless it is a loss.
    """
    is_clear = prior.mean > 2.0 * prior.mean_error
    mean = prior.mean if is_clear else min(prior.mean, 0.0)
    noise = np.maximum(errors, SMALLEST_ERROR) ** 2
    own_weight = prior.spread**2 / (prior.spread**2 + noise)
    deviation = np.sqrt(own_weight * noise + (1.0 - own_weight) ** 2 * prior.mean_error**2)
    return mean + own_weight * (gains - mean), deviation


def decide(gains: FloatArray, errors: FloatArray) -> Decision:
    """Choose for each entity the surest alternative, or stay with the pooled model.

    `gains` and `errors` are float64 [entities, alternatives], NaN where there is none.

    >>> clear = np.array([[0.5], [0.5], [-0.5], [-0.5]])
    >>> decide(clear, np.full((4, 1), 0.01)).choice
    array([ 0,  0, -1, -1])
    >>> decide(clear, np.full((4, 1), 5.0)).choice  # noise: nobody leaves the pooled model
    array([-1, -1, -1, -1])
    """
    columns = range(gains.shape[1])
    priors = tuple(estimate_prior(gains[:, j], errors[:, j]) for j in columns)
    shrunk = [shrink(gains[:, j], errors[:, j], priors[j]) for j in columns]
    posterior = np.column_stack([mean for mean, _ in shrunk])
    certainty = np.column_stack([mean / np.maximum(deviation, 1e-12) for mean, deviation in shrunk])
    ranked = np.where(np.isfinite(certainty), certainty, -np.inf)
    choice = ranked.argmax(axis=1)
    entities = np.arange(len(choice))
    chance = np.minimum(1.0, upper_tail(ranked[entities, choice]) * gains.shape[1])
    leaves = discoveries(chance, FALSE_DISCOVERY_RATE)
    best = np.where(leaves, posterior[entities, choice], 0.0)
    return Decision(np.where(leaves, choice, -1), best, priors)


def upper_tail(z: FloatArray) -> FloatArray:
    """The probability that a standard normal exceeds z, float64 [values]."""
    return np.array([0.5 * erfc(value / sqrt(2.0)) for value in z.tolist()])


def discoveries(chance: FloatArray, rate: float) -> npt.NDArray[np.bool_]:
    """Which p-values are discoveries at a false discovery rate (Benjamini & Hochberg 1995).

    >>> discoveries(np.array([0.001, 0.2, 0.03]), 0.05)
    array([ True, False,  True])
    """
    order = np.argsort(chance)
    allowed = rate * np.arange(1, len(chance) + 1) / len(chance)
    passing = np.flatnonzero(chance[order] <= allowed)
    found = np.zeros(len(chance), dtype=np.bool_)
    if len(passing):
        found[order[: passing[-1] + 1]] = True
    return found
