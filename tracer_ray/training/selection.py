"""Which model answers for an entity: its own, a blend, the pooled one, or the baseline.

An own model is measured by its gain: the pooled model's loss minus its own, on validation rows
that neither model was fitted to nor chosen on. One entity's gain is mostly noise (80 rows tell
little about 1 %), so gains are shrunk to what the whole fleet shows: with gains g_i of standard
error s_i and a normal prior N(m, t^2) estimated from all entities, the posterior mean is

    (g_i / s_i^2 + m / t^2) / (1 / s_i^2 + 1 / t^2)

and variance 1 / (1 / s_i^2 + 1 / t^2) (empirical Bayes; Efron & Morris 1975). The pooled model
stays unless a gain is positive with a posterior probability of 97.5 %: validation rows are older
than the rows to come, and what they show of one entity fades.
"""

from dataclasses import dataclass

import numpy as np

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


SURE = 1.9600  # standard normal quantile of 97.5 %


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

    `gains` and `errors` are float64 [entities]; entities with NaN are left out.
    """
    is_known = np.isfinite(gains) & np.isfinite(errors)
    gains, errors = gains[is_known], np.maximum(errors[is_known], 1e-9)
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
    noise = np.maximum(errors, 1e-9) ** 2
    own_weight = prior.spread**2 / (prior.spread**2 + noise)
    deviation = np.sqrt(own_weight * noise + (1.0 - own_weight) ** 2 * prior.mean_error**2)
    return mean + own_weight * (gains - mean), deviation


def decide(gains: FloatArray, errors: FloatArray) -> Decision:
    """Choose for each entity the alternative of the largest posterior gain that is sure enough.

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
    is_sure = np.column_stack([mean > SURE * deviation for mean, deviation in shrunk])
    allowed = np.where(is_sure, posterior, -np.inf)
    choice = allowed.argmax(axis=1)
    best = allowed[np.arange(len(allowed)), choice]
    return Decision(np.where(best > 0.0, choice, -1), np.maximum(best, 0.0), priors)
