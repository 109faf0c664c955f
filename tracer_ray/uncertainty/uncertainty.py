"""How sure an answer is: a calibrator for probabilities, a predictive distribution for numbers."""

from dataclasses import dataclass, replace

from tracer_ray.blueprint import Answer
from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.calibration import Calibrator, choose_calibration
from tracer_ray.uncertainty.distribution import Distribution, fit_amounts, fit_distribution
from tracer_ray.uncertainty.meetings import calibrate_sides
from tracer_ray.uncertainty.survival import SurvivalByRisk
from tracer_ray.uncertainty.totals import TotalError

INTERVAL_COVERAGE = 0.8
NAIVE = "naive"  # where a release keeps the baseline's distribution


@dataclass(frozen=True)
class Uncertainty:
    """What turns a target's raw prediction into an answer; exactly one of the two is given.

    `has_draws` says whether a meeting was ever won by neither side; `totals` are the errors of sums
    over several days, where such are answered; `naive` is the baseline's own distribution, whose
    width never changes, where forecasts are judged by their distributions; `survival` is how long
    rows last, by risk, where that is declared.
    """

    calibrator: Calibrator | None = None
    distribution: Distribution | None = None
    has_draws: bool = False
    totals: tuple[TotalError, ...] = ()
    naive: Distribution | None = None
    survival: SurvivalByRisk | None = None

    def calibrate(self, ours: FloatArray, other: FloatArray | None = None) -> FloatArray:
        """What we answer, float64 [rows]; a number as it is, a probability calibrated.

        `other` is what was said of the other side of each row's meeting: both sides agree after.
        """
        if self.calibrator is None:
            return ours
        if other is None:
            return self.calibrator.apply(ours)
        return calibrate_sides(ours, other, self.calibrator, has_draws=self.has_draws)

    def as_said(self) -> "Uncertainty":
        """The same without a correction of probabilities: a baseline is answered as it is."""
        return replace(self, calibrator=Calibrator()) if self.calibrator else self


def fit_uncertainty(
    ours: FloatArray,
    actual: FloatArray,
    answer: Answer,
    *,
    has_draws: bool = False,
    spread: FloatArray | None = None,
) -> Uncertainty:
    """Fit to calibration rows; TrainingError where they are too few for a distribution.

    `spread` [rows, features] are features that grow with the uncertainty of numbers.
    """
    if answer is Answer.PROBABILITY:
        return Uncertainty(calibrator=choose_calibration(ours, actual), has_draws=has_draws)
    if answer is Answer.AMOUNT:
        return Uncertainty(distribution=fit_amounts(ours, actual))
    return Uncertainty(distribution=fit_distribution(ours, actual, spread))
