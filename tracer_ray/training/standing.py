"""What answers where nobody has a model of its own: the pooled model, or the baseline.

The pooled model has to earn its place. Its losses and those of the hardest baseline are compared
on three windows that its models had not seen: the newest block of training rows, predicted by a
model of the rows before it, the validation rows, and the calibration rows, on which nothing was
chosen yet. All windows count alike. Only a gain of more than its standard error makes the pooled
model answer (the one-standard-error rule of Breiman and others, 1984: the simplest that is within
one standard error of the best); else the baseline does, and nobody gets a trial, because an own
model stands on the pooled prediction. So an answer is not worse than the naive one by our choice,
and where there is nothing to learn, fitted noise is not answered with.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.releases.tables import Level
from tracer_ray.rows import BoolArray, FloatArray
from tracer_ray.significance import mean_error
from tracer_ray.splits import Basis, Part
from tracer_ray.training.objective import Objective
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import BLOCKS
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.stages import POOLED
from tracer_ray.uncertainty.calibration import fit_sigmoid

STANDARD_ERRORS = 1.0  # by how many of them the pooled model must gain


@dataclass(frozen=True)
class Standing:
    """What answers by default: `level` is pooled or baseline, `baseline` the hardest one to beat.

    `reason` says in words why the baseline answers, "" where the pooled model does.
    """

    baseline: str
    level: Level = Level.POOLED
    reason: str = ""

    @property
    def is_baseline(self) -> bool:
        """Whether the baseline answers."""
        return self.level is Level.BASELINE

    @property
    def column(self) -> str:
        """The column of unseen predictions that answers."""
        return self.baseline if self.is_baseline else POOLED


@dataclass(frozen=True)
class Window:
    """Rows that no model behind their predictions had seen: where they stand, and their losses.

    `losses` float64 [rows] of the pooled model and every baseline.
    """

    position: FloatArray
    losses: Mapping[str, FloatArray]

    def gain(self, baseline: str) -> FloatArray:
        """What the pooled model saves of a baseline's loss, float64 [rows]."""
        return self.losses[baseline] - self.losses[POOLED]


@dataclass(frozen=True)
class Forecasts:
    """What the pooled model and every baseline said of rows, beside what came, float64 [rows]."""

    position: FloatArray
    actual: FloatArray
    said: Mapping[str, FloatArray]

    def take(self, rows: BoolArray) -> "Forecasts":
        """The chosen rows."""
        said = {name: values[rows] for name, values in self.said.items()}
        return Forecasts(self.position[rows], self.actual[rows], said)

    def newest(self, share: float) -> "Forecasts":
        """The newest share of the rows."""
        if not len(self.position):
            return self
        return self.take(self.position >= np.quantile(self.position, 1.0 - share))

    def judged(self, goal: Objective) -> Window:
        """Their losses; of probabilities as they are once they are calibrated.

        A base rate that has moved since spoils a good model as it stands, though it tells one row
        from another, and a release calibrates what it answers. So each forecast gets the intercept
        and the slope that suit the window best.
        """
        said = self.said
        if goal.answer is Answer.PROBABILITY and len(self.actual):
            said = {
                name: fit_sigmoid(values, self.actual).apply(values)
                for name, values in said.items()
            }
        losses = {name: goal.losses(self.actual, values) for name, values in said.items()}
        return Window(self.position, losses)


def find_standing(plan: TrainingPlan, target: str) -> Standing:
    """What answers by default for a target whose unseen pooled predictions are written.

    A constant probability never does: it tells no row from another, and where probabilities are
    worth no more, calibration draws them to the base rate anyway.
    """
    windows = [each for each in judged_windows(plan, target) if len(each.position)]
    horizon_days = plan.blueprint.horizon_days if plan.cuts.basis is Basis.DAY else 0
    features = {each.name: each.feature for each in plan.blueprint.baselines}
    found = compare(windows, list(features), lag=max(horizon_days - 1, 0))
    is_constant = not features[found.baseline] and plan.answer(target) is Answer.PROBABILITY
    return Standing(found.baseline) if is_constant else found


def compare(windows: list[Window], baselines: list[str], lag: int) -> Standing:
    """The standing that the losses of some windows give; their errors reach over `lag` positions.

    >>> days = np.arange(100.0)
    >>> said = {POOLED: np.full(100, 0.9), "naive": np.tile([0.9, 1.1], 50)}
    >>> compare([Window(days, said)], ["naive"], 0).level
    <Level.POOLED: 'pooled'>
    >>> compare([Window(days, said | {POOLED: said["naive"]})], ["naive"], 0).reason
    'the pooled model gains +0 +- 0 per row on the naive one, too little to tell: naive answers'
    """
    losses = {name: np.mean([each.losses[name].mean() for each in windows]) for name in baselines}
    hardest = min(losses, key=lambda name: losses[name])
    gain = float(np.mean([each.gain(hardest).mean() for each in windows]))
    errors = [mean_error(each.gain(hardest), each.position, lag) for each in windows]
    error = float(np.sqrt(np.sum(np.square(errors))) / len(errors))
    if gain > STANDARD_ERRORS * error:
        return Standing(hardest)
    said = f"the pooled model gains {gain:+.3g} +- {error:.2g} per row on the naive one"
    return Standing(hardest, Level.BASELINE, f"{said}, too little to tell: {hardest} answers")


def judged_windows(plan: TrainingPlan, target: str) -> tuple[Window, ...]:
    """The newest block of training rows, the validation and the calibration rows."""
    features = BucketReader(plan.part_folder("features"))
    said = BucketReader(plan.part_folder(POOLED, target))
    parts = (Part.TRAIN, Part.VALIDATION, Part.CALIBRATION)
    pieces: dict[Part, list[Forecasts]] = {part: [] for part in parts}
    for bucket in range(plan.dataset.buckets):
        rows, columns = features.features(bucket), said.columns(bucket)
        actual = rows.outcomes[target]
        is_judged = np.isfinite(actual) & np.isfinite(columns[POOLED])
        found = Forecasts(rows.position, actual, columns)
        for part in parts:
            pieces[part].append(found.take(is_judged & (rows.parts == part)))
    train, validation, calibration = (merged(pieces[part]) for part in parts)
    goal = plan.objective(target)
    windows = (train.newest(1.0 / BLOCKS), validation, calibration)
    return tuple(each.judged(goal) for each in windows)


def merged(pieces: list[Forecasts]) -> Forecasts:
    """The rows of all pieces."""
    return Forecasts(
        np.concatenate([each.position for each in pieces]),
        np.concatenate([each.actual for each in pieces]),
        {name: np.concatenate([each.said[name] for each in pieces]) for name in pieces[0].said},
    )
