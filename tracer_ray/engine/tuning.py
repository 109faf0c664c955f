"""What both Tune experiments of a run have in common."""

import logging
import math
import pickle
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import ray
from ray import tune
from ray.exceptions import RayTaskError
from ray.tune.experiment import Trial

from tracer_ray.engine.experiment_folder import experiment_folder
from tracer_ray.engine.limits import Limits
from tracer_ray.engine.progress import Progress
from tracer_ray.errors import StorageError

LOG = logging.getLogger(__name__)
UNSTORED = "unstored"  # in a trial's result: why it could not be stored


@dataclass(frozen=True)
class Loss:
    """A trial that ended without its result, and why.

    `is_final` where another try would end the same way: it took too long, or raised an error.
    """

    config: dict[str, object]
    reason: str
    is_final: bool


class TrialWatch(tune.Callback):
    """Follows the trials of an experiment: those that ended, those that were lost, and why."""

    def __init__(self, progress: Progress, limits: Limits) -> None:
        self.progress = progress
        self._limits = limits
        self._heard: dict[str, float] = {}
        self.ended: list[Trial] = []
        self.lost: list[Loss] = []

    def on_trial_start(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: object
    ) -> None:
        """The trial works on its first step."""
        self._heard[trial.trial_id] = time.monotonic()

    def on_trial_result(
        self,
        iteration: int,
        trials: list[Trial],
        trial: Trial,
        result: dict[str, Any],
        **info: object,
    ) -> None:
        """The trial works on its next step."""
        self._heard[trial.trial_id] = time.monotonic()

    def on_trial_complete(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: object
    ) -> None:
        """One more trial has ended."""
        self.ended.append(trial)
        self.progress.advance()

    def on_trial_error(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: object
    ) -> None:
        """One more trial has ended, without its result."""
        silent_s = time.monotonic() - self._heard.pop(trial.trial_id, time.monotonic())
        error = _error(trial)
        if isinstance(error, RayTaskError):
            loss = Loss(trial.config, f"{type(error.cause).__name__}: {error.cause}", True)
        elif silent_s >= self._limits.candidate_s:
            loss = Loss(trial.config, self._lateness(), True)
        else:
            loss = Loss(trial.config, reason_of_death(str(error)), False)
        LOG.warning("event=trial_lost trial=%s reason=%r", trial.config, loss.reason)
        self.lost.append(loss)

    def _lateness(self) -> str:
        return (
            f"TimeoutError: a candidate took longer than {self._limits.candidate_s:g} s; "
            "--candidate-timeout-s allows more"
        )


class ExperimentStop(tune.Stopper):
    """Stops an experiment when nothing more can be stored, or when its time is up.

    `until_s` is an instant of time.monotonic(); before `is_enough` time is no reason to stop.
    `is_hopeless` looks at a trial's result.
    """

    def __init__(
        self,
        until_s: float = math.inf,
        is_enough: Callable[[], bool] = lambda: True,
        is_hopeless: Callable[[Mapping[str, Any]], bool] = lambda _: False,
    ) -> None:
        self.until_s = until_s
        self.is_enough = is_enough
        self.is_hopeless = is_hopeless
        self.unstored = ""

    def __call__(self, trial_id: str, result: dict[str, object]) -> bool:
        """Look at a trial's result; whether the trial itself is to end."""
        self.unstored = self.unstored or str(result.get(UNSTORED, ""))
        return self.is_hopeless(result)

    def stop_all(self) -> bool:
        """Whether the experiment is to end."""
        return bool(self.unstored) or (time.monotonic() > self.until_s and self.is_enough())

    def check(self) -> None:
        """StorageError where nothing could be stored."""
        if self.unstored:
            raise StorageError(
                f"{self.unstored}. The run was stopped; what is finished is kept, and the same "
                "command again goes on from there"
            )


def reason_of_death(text: str) -> str:
    """Why a trial's process ended, out of what Ray says of it.

    >>> reason_of_death("Worker exit detail: Worker exits with an exit code 1. See the log")
    'its process died: Worker exits with an exit code 1'
    >>> reason_of_death("The task was killed: the node was running low on memory.")
    'MemoryError: its process was killed because its node ran out of memory'
    """
    if "running low on memory" in text or "OutOfMemoryError" in text:
        return "MemoryError: its process was killed because its node ran out of memory"
    detail = text.partition("Worker exit detail: ")[2] or text.strip().rpartition("\n")[2]
    return f"its process died: {detail.partition('. ')[0] or 'nobody knows why'}"


def _error(trial: Trial) -> Exception | None:
    """What Ray raised; Tune keeps it in a file of this process's own session."""
    path = Path(trial.pickled_error_file or "")
    if not path.is_file():
        return None
    error: Exception = pickle.loads(path.read_bytes())
    return error


def quiet_tune() -> None:
    """Tune warns of log files that we turned off, and prints what we log of lost trials."""
    for module in ("analysis.experiment_analysis", "execution.tune_controller", "tune"):
        logging.getLogger(f"ray.tune.{module}").setLevel(logging.CRITICAL)


@contextmanager
def run_config(
    name: str, callback: tune.Callback, stop: ExperimentStop
) -> Iterator[tune.RunConfig]:
    """A quiet experiment in a folder that is gone afterwards; our own records are the results."""
    quiet_tune()
    with experiment_folder() as folder:
        yield tune.RunConfig(
            name=name,
            storage_path=folder,
            callbacks=[callback],
            stop=stop,
            verbose=0,
            failure_config=tune.FailureConfig(max_failures=0),
            checkpoint_config=tune.CheckpointConfig(
                checkpoint_frequency=0, checkpoint_at_end=False
            ),
        )


def trial_memory_bytes(limits: Limits, cpus: int) -> int:
    """What a trial on so many CPUs may allocate: the smallest node's share, unless it is said."""
    if limits.memory_bytes:
        return limits.memory_bytes
    able = [node for node in _nodes() if node.get("CPU", 0.0) >= cpus]
    return min((int(node["memory"] * cpus / node["CPU"]) for node in able), default=0)


def node_cpus() -> int:
    """The CPUs of the largest node: what one task can hold."""
    return max(int(node.get("CPU", 0)) for node in _nodes())


def cluster_cpus() -> int:
    """The CPUs of the whole cluster."""
    resources = cast(Callable[[], dict[str, float]], ray.cluster_resources)()
    return int(resources.get("CPU", 0))


def _nodes() -> list[dict[str, float]]:
    """The resources of every node that lives."""
    nodes = cast(Callable[[], list[dict[str, Any]]], ray.nodes)()
    return [node["Resources"] for node in nodes if node["Alive"]]
