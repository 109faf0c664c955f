"""What both Tune experiments of a run have in common."""

import logging
from collections.abc import Callable
from typing import cast

import ray
from ray import tune
from ray.tune.experiment import Trial

from tracer_ray.engine.progress import Progress
from tracer_ray.training.plan import TrainingPlan


class TrialWatch(tune.Callback):
    """Counts the trials of an experiment that have ended, and keeps what each said last."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.ended: list[Trial] = []

    def on_trial_complete(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: object
    ) -> None:
        """One more trial has ended."""
        self.ended.append(trial)
        self._progress.advance()

    def on_trial_error(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: object
    ) -> None:
        """One more trial has ended, without its result."""
        self.ended.append(trial)
        self._progress.advance()


def quiet_analysis() -> None:
    """Tune warns that it finds no log files of trials; we turned them off."""
    logging.getLogger("ray.tune.analysis.experiment_analysis").setLevel(logging.ERROR)


def run_config(plan: TrainingPlan, name: str, callback: tune.Callback) -> tune.RunConfig:
    """A quiet experiment in the run's folder; our own records are the results."""
    quiet_analysis()
    return tune.RunConfig(
        name=name,
        storage_path=plan.part_folder("tune"),
        callbacks=[callback],
        verbose=0,
        failure_config=tune.FailureConfig(max_failures=0),
        checkpoint_config=tune.CheckpointConfig(checkpoint_frequency=0, checkpoint_at_end=False),
    )


def node_cpus() -> int:
    """The CPUs of the largest node: what one task can hold."""
    nodes = cast(Callable[[], list[dict[str, dict[str, float]]]], ray.nodes)()
    return max(int(node["Resources"].get("CPU", 0)) for node in nodes)


def cluster_cpus() -> int:
    """The CPUs of the whole cluster."""
    resources = cast(Callable[[], dict[str, float]], ray.cluster_resources)()
    return int(resources.get("CPU", 0))
