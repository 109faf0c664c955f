"""Progress of long work: one line per event on a job's log, a bar on a terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as BarDisplay

from tracer_ray.report.contents import StageCost

LINE_EVERY_S = 5.0


class Progress(Protocol):
    """Where long work says how far it is."""

    def begin(self, stage: str, total: int) -> None:
        """A stage of so many steps begins."""

    def advance(self, steps: int = 1) -> None:
        """So many more steps are done."""

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

    def advance(self, steps: int = 1) -> None:
        """So many more steps are done."""
        self._done += steps
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
        self.steps: dict[str, int] = {}

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Progress]:
        """Time one stage and say how far it is."""
        began = time.monotonic()
        self.steps[name] = total
        self._progress.begin(name, total)
        yield self._progress
        self._progress.end()
        seconds = time.monotonic() - began
        self.costs.append(StageCost(name, seconds, seconds * self._cpus))


class BarProgress:
    """A bar per stage on a terminal."""

    def __init__(self) -> None:
        """Nothing is shown before the first stage begins."""
        self._console = Console(stderr=True)
        self._bars = BarDisplay(
            TextColumn("{task.description:<28}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._bar = TaskID(0)

    def begin(self, stage: str, total: int) -> None:
        """A stage of so many steps begins."""
        self._bars.start()
        self._bar = self._bars.add_task(stage, total=max(total, 1))

    def advance(self, steps: int = 1) -> None:
        """So many more steps are done."""
        self._bars.advance(self._bar, steps)

    def end(self) -> None:
        """The stage is done."""
        self._bars.update(self._bar, completed=self._bars.tasks[-1].total)
        self._bars.stop()


def show_progress(*, is_plain: bool) -> Progress:
    """Bars on a terminal, lines on a job's log or where machines read."""
    if is_plain or not sys.stderr.isatty():
        return LineProgress()
    return BarProgress()
