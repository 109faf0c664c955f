"""What answers are judged by, on test rows and on rows that came later."""

from dataclasses import dataclass

from tracer_ray.blueprint import Answer, Blueprint
from tracer_ray.cross_section import rank_scores
from tracer_ray.metrics import Need, metric, quantile_levels
from tracer_ray.rows import FloatArray, IntArray
from tracer_ray.uncertainty.distribution import Distribution
from tracer_ray.uncertainty.tails import tail_scores, tails
from tracer_ray.uncertainty.uncertainty import INTERVAL_COVERAGE

METRICS = {
    Answer.NUMBER: ("mae", "rmse"),
    Answer.AMOUNT: ("rmsle", "mae", "rmse", "wape", "rmspe"),
    Answer.PROBABILITY: ("log_loss", "brier", "auc", "pr_auc", "ece"),
}
CRPS_LEVELS = 99


def score(actual: FloatArray, predicted: FloatArray, answer: Answer) -> dict[str, float]:
    """The metrics that fit the answer, by name."""
    return {name: metric(name).score(actual, predicted) for name in METRICS[answer]}


def is_judged_whole(blueprint: Blueprint) -> bool:
    """Whether forecasts are judged by their distributions."""
    return metric(blueprint.metric).need is Need.QUANTILES


@dataclass(frozen=True)
class Judge:
    """Judges forecasts of rows by what came, float64 [rows], by their days and by their owners."""

    blueprint: Blueprint
    target: str
    actual: FloatArray
    days: FloatArray
    owners: IntArray

    def point_scores(self, said: FloatArray) -> dict[str, float]:
        """How good forecasts are, and how well they order a day's rows where these are ranked."""
        target = self.blueprint.target(self.target)
        found = score(self.actual, said, target.answer)
        if not self.blueprint.ranks:
            return found
        lag = target.span.rows - 1 if target.span else 0
        return found | rank_scores(self.actual, said, self.days, lag)

    def spread_scores(
        self, said: FloatArray, distribution: Distribution | None, spread: FloatArray | None
    ) -> dict[str, float]:
        """How good the distribution around forecasts is: CRPS, coverage of its interval, tails."""
        if distribution is None or not len(self.actual):
            return {}
        quantiles = distribution.quantile(said, quantile_levels(CRPS_LEVELS), spread)
        interval = distribution.interval(said, INTERVAL_COVERAGE, spread)
        scores = {
            "crps": metric("crps").score(self.actual, quantiles),
            "coverage": metric("coverage").score(self.actual, interval),
        }
        if not self.blueprint.tails:
            return scores
        found = tails(distribution, said, spread, self.blueprint.tails)
        return scores | tail_scores(self.actual, found, self.owners)
