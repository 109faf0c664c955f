"""Progress of long work: one line per event on a job's log, a bar on a terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from tracer_ray.report.contents import StageCost

LINE_EVERY_S = 5.0


class Progress(Protocol):
    """Where long work says how far it is."""

    def begin(self, stage: str, total: int) -> None:
        """A stage of so many steps begins."""

    def advance(self) -> None:
        """One step is done."""

    def end(self) -> None:
        """The stage is done."""


class LineProgress:
    """One `event=... key=value` line when a stage begins and ends, and every five seconds."""

    def __init__(self) -> None:
        self._stage, self._total, self._done = "", 0, 0
        self._began = self._said = time.monotonic()

    def begin(self, stage: str, total: int) -> None:
        """A stage of so many steps begins."""
        self._stage, self._total, self._done = stage, total, 0
        self._began = self._said = time.monotonic()

    def advance(self) -> None:
        """One step is done."""
        self._done += 1
        if time.monotonic() - self._said >= LINE_EVERY_S:
            self._say("progress")

    def end(self) -> None:
        """The stage is done."""
        self._say("done")

    def _say(self, event: str) -> None:
        self._said = time.monotonic()
        seconds = self._said - self._began
        print(
            f"event={event} stage={self._stage} steps={self._done}/{self._total} "
            f"seconds={seconds:.1f}",
            file=sys.stderr,
            flush=True,
        )


class CostMeter:
    """Times the stages of a run; the cost of a stage is what it held: seconds times CPUs."""

    def __init__(self, progress: Progress, cpus: int) -> None:
        self._progress = progress
        self._cpus = cpus
        self.costs: list[StageCost] = []

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Progress]:
        """Time one stage and say how far it is."""
        began = time.monotonic()
        self._progress.begin(name, total)
        yield self._progress
        self._progress.end()
        seconds = time.monotonic() - began
        self.costs.append(StageCost(name, seconds, seconds * self._cpus))
