"""Evaluation on new rows: ingested like training rows, walked through in the order they came."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from tracer_ray.engine.ingest import IngestOptions, ingest
from tracer_ray.prediction.evaluation import (
    Evaluation,
    Scores,
    evaluate_target,
    settled_targets,
    walk,
)
from tracer_ray.prediction.predictor import Predictor

TOLERANCE = 0.5  # what can't be read can't be scored; the share is reported, not refused


@dataclass(frozen=True)
class EvaluationResult:
    """The figures of a release on new rows, by target."""

    release: str
    evaluations: tuple[Evaluation, ...]
    quarantined: int

    def to_json(self) -> dict[str, object]:
        """The figures as plain values; over several targets means and a `targets` table."""
        said: dict[str, object] = {
            "release": self.release,
            "n": sum(each.n for each in self.evaluations),
            "quarantined": self.quarantined,
            "ours": _mean([each.ours for each in self.evaluations]),
            "pooled": _mean([each.pooled for each in self.evaluations]),
            "baseline": _mean([each.baseline for each in self.evaluations]),
        }
        if len(self.evaluations) > 1:
            said["targets"] = {each.target: asdict(each) for each in self.evaluations}
        return said

    def table(self) -> list[dict[str, object]]:
        """One row per target and forecaster."""
        return [
            {"target": each.target, "n": each.n, "forecast": who, **dict(scores)}
            for each in self.evaluations
            for who, scores in (
                ("ours", each.ours),
                ("pooled", {name: each.pooled.get(name) for name in each.ours}),
                ("baseline", {name: each.baseline.get(name) for name in each.ours}),
            )
        ]


def evaluate(
    uri: str, sources: Sequence[str], home: str, targets: tuple[str, ...] = ()
) -> EvaluationResult:
    """Evaluate a release on new rows; DataError where there are none."""
    predictor = Predictor.open(uri)
    options = IngestOptions(tolerance=TOLERANCE)
    dataset = ingest(predictor.blueprint, sources, home, options=options)
    new = walk(predictor, dataset)
    chosen = targets or settled_targets(predictor, new)
    evaluations = tuple(evaluate_target(predictor, new, target) for target in chosen)
    return EvaluationResult(predictor.name, evaluations, len(dataset.quarantine))


def _mean(scores: Sequence[Scores]) -> dict[str, float]:
    names = [name for name in scores[0] if all(name in each for each in scores)]
    return {name: float(np.mean([each[name] for each in scores])) for name in names}
