"""What a training run reports: frozen, and complete enough to render without anything else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.metrics import skill
from tracer_ray.releases.manifest import Figures, Scores
from tracer_ray.releases.tables import EntityRecord
from tracer_ray.response.records import EntityResponse
from tracer_ray.rows import FloatArray


def _none() -> FloatArray:
    return np.empty(0)


@dataclass(frozen=True)
class Outcomes:
    """The test rows of one target, float64 [rows] each; an empty array leaves its chart out.

    `predicted` is the point forecast or the calibrated probability of what we answer with.
    For probabilities `uncalibrated` is the same before calibration. For numbers `pit` is the
    predictive distribution at the actual value (randomised where the outcome is a count), and
    `over_probability` and `is_over` belong to lines near the forecast, [rows] or any other length.
    """

    actual: FloatArray
    predicted: FloatArray
    uncalibrated: FloatArray = field(default_factory=_none)
    pit: FloatArray = field(default_factory=_none)
    over_probability: FloatArray = field(default_factory=_none)
    is_over: FloatArray = field(default_factory=_none)


@dataclass(frozen=True)
class CandidateResult:
    """One candidate of the pooled model's search and its loss on validation rows."""

    family: str
    settings: Mapping[str, float | int | str]
    validation_loss: float
    is_chosen: bool
    seconds: float


@dataclass(frozen=True)
class Control:
    """What a model gained where outcomes were shuffled: nothing, unless rows leak.

    `gain` is the mean loss of the constant forecast minus the model's on so many validation rows,
    `error` its standard error.
    """

    gain: float
    error: float
    rows: int

    @property
    def has_skill(self) -> bool:
        """Whether it gained beyond chance."""
        return self.gain > 3.0 * self.error


@dataclass(frozen=True)
class Optimism:
    """How much the best of some candidates owes to having been chosen on the same rows.

    `best` is its validation loss, `corrected` what to expect of a candidate chosen so on rows that
    it was not chosen on.
    """

    candidates: int
    best: float
    corrected: float


@dataclass(frozen=True)
class Checks:
    """What a run did to find itself out; None where there was too little to check."""

    control: Control | None = None
    optimism: Optimism | None = None


NO_CHECKS = Checks()


@dataclass(frozen=True)
class TargetReport:
    """Everything about one target.

    `baselines` maps each baseline's name to its scores, the blueprint's own first.
    `candidates` are the pooled model's; `importance` maps features to their share of the total.
    `responses` say how entities react to their price, where that is declared; `standing` why the
    baseline answers by default, "" where the pooled model does.
    """

    target: str
    answer: Answer
    description: str
    unit: str
    figures: Figures
    baselines: Mapping[str, Scores]
    outcomes: Outcomes
    entities: tuple[EntityRecord, ...]
    candidates: tuple[CandidateResult, ...]
    importance: Mapping[str, float]
    responses: tuple[EntityResponse, ...] = ()
    checks: Checks = NO_CHECKS
    standing: str = ""

    @property
    def best_baseline(self) -> str:
        """The name of the baseline that is hardest to beat on the blueprint's metric."""
        return min(self.baselines, key=lambda name: self.figures.loss(self.baselines[name]))

    @property
    def has_edge(self) -> bool:
        """Whether ours is better than every baseline on the test rows."""
        figures = self.figures
        best = figures.loss(self.baselines[self.best_baseline])
        return figures.loss(figures.ours) < best

    def skill(self, scores: Scores) -> float:
        """1 - loss / loss of the blueprint's own baseline."""
        return skill(self.figures.loss(scores), self.figures.loss(self.figures.baseline))


@dataclass(frozen=True)
class StageCost:
    """What one stage of the run took: seconds on the clock and seconds of CPU."""

    stage: str
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class TrainingReport:
    """A whole run. `excluded` and `quarantined` count rows by reason; `reproduce` are commands."""

    title: str
    blueprint: str
    use_case: str
    created: str
    data_from: str
    data_until: str
    dataset_uri: str
    dataset_fingerprint: str
    rows: int
    entity_name: str
    entities: int
    seed: int
    targets: tuple[TargetReport, ...]
    warnings: tuple[str, ...]
    limits: tuple[str, ...]
    excluded: Mapping[str, int]
    quarantined: Mapping[str, int]
    costs: tuple[StageCost, ...]
    versions: Mapping[str, str]
    reproduce: tuple[str, ...]
