"""What answers where nobody has a model of its own: the pooled model, or the baseline.

The pooled model has to earn its place. Its losses and those of the hardest baseline are compared
on two windows that its models had not seen: the newest block of training rows, predicted by a
model of the rows before it, and the validation rows. Both windows count alike. Only a gain of
more than its standard error makes the pooled model answer (the one-standard-error rule of Breiman
and others, 1984: the simplest that is within one standard error of the best); else the baseline
does, and nobody gets a trial, because an own model stands on the pooled prediction. So an answer
is not worse than the naive one by our choice, and where there is nothing to learn, fitted noise
is not answered with.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracer_ray.releases.tables import Level
from tracer_ray.rows import FloatArray
from tracer_ray.significance import mean_error
from tracer_ray.splits import Basis, Part
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import BLOCKS
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.stages import POOLED

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

    def newest(self, share: float) -> "Window":
        """The newest share of the rows."""
        if not len(self.position):
            return self
        is_newest = self.position >= np.quantile(self.position, 1.0 - share)
        losses = {name: each[is_newest] for name, each in self.losses.items()}
        return Window(self.position[is_newest], losses)


def find_standing(plan: TrainingPlan, target: str) -> Standing:
    """What answers by default for a target whose unseen pooled predictions are written."""
    windows = [each for each in judged_windows(plan, target) if len(each.position)]
    horizon_days = plan.blueprint.horizon_days if plan.cuts.basis is Basis.DAY else 0
    names = [each.name for each in plan.blueprint.baselines]
    return compare(windows, names, lag=max(horizon_days - 1, 0))


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


def judged_windows(plan: TrainingPlan, target: str) -> tuple[Window, Window]:
    """The newest block of training rows, and the validation rows, of all buckets."""
    features = BucketReader(plan.part_folder("features"))
    said = BucketReader(plan.part_folder(POOLED, target))
    train: list[Window] = []
    validation: list[Window] = []
    for bucket in range(plan.dataset.buckets):
        rows, columns = features.features(bucket), said.columns(bucket)
        is_judged = np.isfinite(rows.outcomes[target]) & np.isfinite(columns[POOLED])
        for part, windows in ((Part.TRAIN, train), (Part.VALIDATION, validation)):
            chosen = is_judged & (rows.parts == part)
            actual = rows.outcomes[target][chosen]
            losses = {
                name: plan.objective(target).losses(actual, values[chosen])
                for name, values in columns.items()
            }
            windows.append(Window(rows.position[chosen], losses))
    return merged(train).newest(1.0 / BLOCKS), merged(validation)


def merged(pieces: list[Window]) -> Window:
    """The rows of all pieces."""
    return Window(
        np.concatenate([each.position for each in pieces]),
        {name: np.concatenate([each.losses[name] for each in pieces]) for name in pieces[0].losses},
    )
