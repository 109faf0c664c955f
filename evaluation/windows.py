"""A data set's training and validation rows in windows of time, to choose defaults on.

Calibration and test rows are not looked at, so what is chosen here may be judged on them later.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from tracer_ray.blueprint import Blueprint, Candidate
from tracer_ray.engine.ingest import ingest
from tracer_ray.engine.run_plan import TrainingRequest, make_plan
from tracer_ray.families import Matrix, Resources
from tracer_ray.families.fitting import fit_candidate
from tracer_ray.registry.registry import Registry
from tracer_ray.rows import FloatArray, IntArray
from tracer_ray.splits import Part
from tracer_ray.training.objective import Objective
from tracer_ray.training.pooled import LabelledRows, Mask, constant_forecast
from tracer_ray.training.search import started
from tracer_ray.training.stages import build_features, gather, gather_surveys, survey

EDGES = (0.4, 0.55, 0.7, 0.85, 1.0)  # of the rows: what a window is judged on begins there
MOST_ROWS = 60_000
HOMES = Path(__file__).parents[1] / "build" / "windows"


@dataclass(frozen=True)
class Window:
    """What may be fitted to, what is judged, and the loss of a constant there."""

    seen: Matrix
    judged: Matrix
    constant_loss: float

    def keeping(self, features: IntArray) -> "Window":
        """The same with these features only, by position."""
        seen, judged = (
            replace(each, x=np.ascontiguousarray(each.x[:, features]))
            for each in (self.seen, self.judged)
        )
        return Window(seen, judged, self.constant_loss)


@dataclass(frozen=True)
class DataSet:
    """The windows of one data set, in the order of time, and what is judged on them."""

    goal: Objective
    names: tuple[str, ...]
    windows: tuple[Window, ...]

    def share(self, place: int, predicted: FloatArray) -> float:
        """The loss of predictions for a window, as a share of the constant's."""
        window = self.windows[place]
        return self.goal.loss(window.judged.y, predicted) / window.constant_loss

    def started(self, candidate: Candidate, target: str) -> Candidate:
        """The candidate with the position of the feature that it starts from."""
        return started(candidate, self.names, target)

    def fit(self, place: int, candidate: Candidate, *, is_search: bool) -> tuple[FloatArray, int]:
        """Predictions for a window, and the rounds; a search may stop early on the window."""
        window = self.windows[place]
        held = window.judged if is_search else None
        model = fit_candidate(self.goal.task, window.seen, held, candidate, Resources(2))
        return model.predict(window.judged.x), model.rounds

    def importances(self, place: int, candidate: Candidate) -> FloatArray:
        """How much each feature matters to a model of what is seen before a window."""
        task, seen = self.goal.task, self.windows[place].seen
        return fit_candidate(task, seen, None, candidate, Resources(2)).importances()

    def keeping(self, features: IntArray) -> "DataSet":
        """The same with these features only, by position."""
        kept = features.tolist()
        names = tuple(self.names[at] for at in kept)
        coded = tuple(i for i, at in enumerate(kept) if at in self.goal.task.categorical)
        task = replace(self.goal.task, feature_names=names, categorical=coded)
        windows = tuple(each.keeping(features) for each in self.windows)
        return DataSet(replace(self.goal, task=task), names, windows)


def read(declared: Blueprint, source: str, most_rows: int = MOST_ROWS) -> DataSet:
    """The newest rows of a source, by the blueprint's first target."""
    home = HOMES / declared.id
    shutil.rmtree(home, ignore_errors=True)
    target = declared.targets[0].name
    request = TrainingRequest(declared, (source,), str(home), (target,))
    plan = make_plan(request, ingest(declared, (source,), str(home)), Registry(str(home)))
    buckets = range(plan.dataset.buckets)
    gathered = gather_surveys(plan, [survey(plan, bucket) for bucket in buckets])
    for bucket in buckets:
        build_features(plan, bucket, *gathered)
    rows, goal = gather(plan, target), plan.objective(target)
    known = rows.part(Part.TRAIN, Part.VALIDATION)
    known = rows.newest(known, most_rows / int(known.sum()))
    return DataSet(goal, plan.feature_names(target), tuple(_windows(rows, known, goal)))


def pinned(candidate: Candidate, rounds: int) -> Candidate:
    """The candidate with so many rounds, if it has any."""
    settings = candidate.settings | ({"rounds": rounds} if rounds else {})
    return Candidate(candidate.family, tuple(sorted(settings.items())))


def _windows(rows: LabelledRows, known: Mask, goal: Objective) -> Iterator[Window]:
    edges = np.quantile(rows.position[known], EDGES)
    for start, stop in pairwise(edges.tolist()):
        inside = (rows.position >= start) & ((rows.position < stop) | (stop == edges[-1]))
        seen, judged = rows.matrix(known & (rows.position < start)), rows.matrix(known & inside)
        constant = np.full(len(judged), constant_forecast(seen.y, goal.answer))
        yield Window(seen, judged, goal.loss(judged.y, constant))
