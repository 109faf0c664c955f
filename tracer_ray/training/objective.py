"""What a model of one target is fitted to and judged by."""

from dataclasses import dataclass

from tracer_ray.blueprint import Answer, Blueprint
from tracer_ray.errors import BlueprintError
from tracer_ray.families import Task
from tracer_ray.families.contract import Loss
from tracer_ray.metrics import metric
from tracer_ray.rows import FloatArray

_LOSSES: dict[str, Loss] = {
    "mae": "absolute",
    "rmse": "squared",
    "rmsle": "squared",
    "crps": "squared",
    "log_loss": "log_loss",
    "brier": "log_loss",
}
# what forecasts are compared on where a blueprint is judged by whole distributions
_OF_POINTS = {"crps": "rmse"}


@dataclass(frozen=True)
class Objective:
    """The task that families learn and the metric that candidates are compared on."""

    task: Task
    metric: str

    @property
    def answer(self) -> Answer:
        """Whether a number or a probability is predicted."""
        return self.task.answer

    def loss(self, actual: FloatArray, predicted: FloatArray) -> float:
        """The metric over all rows, turned so that less is better."""
        judge = metric(self.metric)
        score = judge.score(actual, predicted)
        return score if judge.is_lower_better else -score

    def losses(self, actual: FloatArray, predicted: FloatArray) -> FloatArray:
        """One loss per row, float64 [rows]."""
        return metric(self.metric).losses(actual, predicted)


def objective(
    blueprint: Blueprint, target: str, names: tuple[str, ...], categorical: tuple[int, ...]
) -> Objective:
    """The objective of one target over the named features; BlueprintError for its metric."""
    if blueprint.metric not in _LOSSES:
        known = ", ".join(_LOSSES)
        raise BlueprintError(
            f"blueprint {blueprint.id}: nothing can be fitted to {blueprint.metric!r}; use {known}"
        )
    answer = blueprint.target(target).answer
    task = Task(answer, _LOSSES[blueprint.metric], names, categorical)
    return Objective(task, _OF_POINTS.get(blueprint.metric, blueprint.metric))
