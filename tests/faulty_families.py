"""A model family that does harm, for tests of what happens then; workers learn of it by the plan.

The settings say which harm: never return, end the process, or allocate until something gives.
"""

import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from tracer_ray import families
from tracer_ray.blueprint import Answer
from tracer_ray.families import Matrix, Model, Range, Resources, Settings, Task, family
from tracer_ray.training.objective import Objective
from tracer_ray.training.plan import TrainingPlan

NAME = "faulty"
SLEEP, EXIT, ALLOCATE, EXIT_ONCE = 1, 2, 3, 4
MARKER = "TRACER_TEST_MARKER"
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class FaultyFamily:
    """Harms if its setting `only` is 0 or the training rows are that many; else an elastic net."""

    name = NAME
    ranges: tuple[Range, ...] = (
        Range("harm", 1, 4, 1, is_integer=True),
        Range("only", 0, 1e9, 0, is_integer=True),
    )

    def accepts_offset(self, answer: Answer) -> bool:
        """It starts from anything."""
        return True

    def fit(
        self,
        task: Task,
        train: Matrix,
        validation: Matrix | None,
        settings: Settings,
        resources: Resources,
    ) -> Model:
        """Do the harm."""
        if settings.get("only", 0) in (0, len(train)):
            _harm(int(settings["harm"]))
        return family("elastic_net").fit(task, train, validation, {"alpha": 0.1}, resources)

    def load(self, data: bytes) -> Model:
        """The elastic net that it is otherwise."""
        return family("elastic_net").load(data)


def _harm(kind: int) -> None:
    if kind == SLEEP:
        ctypes.PyDLL(None).sleep(3600)  # native, and holding the interpreter's lock
    elif kind == EXIT:
        os._exit(7)
    elif kind == EXIT_ONCE:
        _exit_once()
    elif kind == ALLOCATE:
        blocks = []
        while True:
            blocks.append(np.ones(16 * MEGABYTE // 8))


def _exit_once() -> None:
    """End the first process that comes here; the file tells the next one."""
    marker = Path(os.environ[MARKER])
    if not marker.exists():
        marker.touch()
        os._exit(9)


def register(home: str) -> None:
    """Make the family known to this process; the marker lies in the run's home."""
    os.environ[MARKER] = str(Path(home, "marker"))
    module = ModuleType(f"{families.__name__}.{NAME}")
    vars(module)["FAMILY"] = FaultyFamily()
    sys.modules[module.__name__] = module
    families._modules[NAME] = NAME


@dataclass(frozen=True)
class FaultyPlan(TrainingPlan):
    """A plan that makes the family known wherever it is used."""

    def objective(self, target: str) -> Objective:
        """The plan's objective."""
        register(self.home)
        return super().objective(target)
