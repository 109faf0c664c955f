"""One entity's trial: search candidates on its own rows, compare with the pooled model, refit."""

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tracer_ray.blueprint import Candidate
from tracer_ray.families import Resources
from tracer_ray.splits import Part, stable_hash
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.inheritance import SEARCHED, Start, signed
from tracer_ray.training.objective import Objective
from tracer_ray.training.own import (
    Gains,
    OwnRows,
    OwnTrial,
    fit_own,
    measure_gains,
    predict_own,
    try_own,
)
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.search import OwnSearch, candidate_from_json, label
from tracer_ray.training.stages import POOLED, labelled_rows

LOG = logging.getLogger(__name__)
JUDGED = (Part.CALIBRATION, Part.TEST)


@dataclass(frozen=True)
class Owner:
    """Who is trained, and where its rows are."""

    name: str
    bucket: int
    row_group: int


@dataclass(frozen=True)
class TrialProgress:
    """How far a trial is: candidates tried, and the best one's skill against the pooled model."""

    tried: int
    skill: float
    record: FleetRecord | None = None


class OwnerReader:
    """Reads an owner's rows of one run: features, outcomes, unseen pooled predictions."""

    def __init__(self, plan: TrainingPlan, target: str) -> None:
        self._plan = plan
        self._target = target
        self._features = BucketReader(plan.part_folder("features"))
        self._pooled = BucketReader(plan.part_folder(POOLED, target))

    def read(self, owner: Owner, baseline: str) -> OwnRows:
        """The owner's rows with an outcome and an unseen pooled prediction."""
        features = self._features.features(owner.bucket, owner.row_group)
        columns = self._pooled.columns(owner.bucket, owner.row_group)
        rows = labelled_rows(self._plan, self._target, features)
        known = np.isfinite(features.outcomes[self._target])
        pooled, naive = columns[POOLED][known], columns[baseline][known]
        return OwnRows(rows, pooled, naive).usable()


def run_trial(
    plan: TrainingPlan, target: str, owner: Owner, rows: OwnRows, start: Start | None = None
) -> Iterator[TrialProgress]:
    """Try one candidate per step; the last step carries the record.

    A candidate that raises is passed over and named in the record; where none is left the record
    has an error. What is settled at the start is not searched.
    """
    started = time.perf_counter()
    goal = plan.objective(target)
    resources = Resources(threads=1, seed=stable_hash(f"{plan.seed}:{owner.name}") % 2**31)
    start = start or Start()
    if start.is_settled:
        search = _Search(start.tried, _candidate(start), Gains(start.gains, start.errors))
    else:
        for search in _search(plan, goal, rows, start, resources):
            yield TrialProgress(search.tried, search.skill)
    record = signed(_record(rows, goal, search, resources), rows)
    seconds = time.perf_counter() - started
    finished = replace(record, owner=owner.name, seconds=seconds)
    yield TrialProgress(search.tried, search.skill, finished)


@dataclass(frozen=True)
class _Search:
    """How far a search is: the best candidate so far, its gains once it is over, and failures."""

    tried: int
    best: Candidate | None
    gains: Gains | None = None
    skill: float = 0.0
    failures: tuple[str, ...] = ()


def _search(
    plan: TrainingPlan, goal: Objective, rows: OwnRows, start: Start, resources: Resources
) -> Iterator[_Search]:
    """Try candidate after candidate; the last state has the gains of the best."""
    portfolio = plan.blueprint.portfolio.entity
    first = _candidate(start)
    if first:
        portfolio = (first, *(each for each in portfolio if each != first))
    most = start.most or plan.budget.entity_candidates
    search = OwnSearch(portfolio, most, resources.seed)
    best: OwnTrial | None = None
    state, failures = _Search(0, None), []
    for tried, candidate in enumerate(search.candidates(), start=1):
        trial = _try(rows, goal, candidate, resources)
        if isinstance(trial, OwnTrial):
            search.report(candidate, trial.loss)
            best = trial if best is None or trial.loss < best.loss else best
        else:
            search.report(candidate, float("nan"))
            failures.append(trial)
        chosen = best.candidate if best else None
        state = _Search(tried, chosen, None, _skill(rows, goal, best), tuple(failures))
        yield state
        if tried == len(portfolio) and best is not None and _is_hopeless(rows, goal, best):
            break
    yield replace(state, gains=measure_gains(rows, goal, best.model if best else None))


def _candidate(start: Start) -> Candidate | None:
    return candidate_from_json(start.candidate) if start.candidate else None


def _try(
    rows: OwnRows, goal: Objective, candidate: Candidate, resources: Resources
) -> OwnTrial | str:
    """The candidate's trial, or why it has none."""
    try:
        return try_own(rows, goal, candidate, resources)
    except Exception as error:  # whatever a family's native code raises concerns this one alone
        LOG.exception("event=candidate_failed candidate=%s", label(candidate))
        return f"{label(candidate)}: {type(error).__name__}: {error}".strip()


def _record(rows: OwnRows, goal: Objective, search: _Search, resources: Resources) -> FleetRecord:
    measured = search.gains or measure_gains(rows, goal, None)
    record = FleetRecord(
        owner="",
        rows=len(rows.rows.y),
        tried=search.tried,
        seconds=0.0,
        gains=np.array(measured.gains),
        errors=np.array(measured.errors),
        own=np.zeros(0),
        failures=search.failures,
    )
    if search.best is None:
        return replace(record, error="; ".join(search.failures))
    judged = fit_own(rows, rows.rows.part(*SEARCHED), goal, search.best, resources)
    everything = np.ones(len(rows.rows.y), dtype=np.bool_)
    final = fit_own(rows, everything, goal, search.best, resources)
    return replace(
        record,
        own=predict_own(judged, rows, rows.rows.part(*JUDGED), goal),
        candidate=label(search.best),
        family=search.best.family,
        settings=json.dumps(search.best.settings, sort_keys=True),
        model=final.to_bytes(),
    )


def _skill(rows: OwnRows, goal: Objective, best: OwnTrial | None) -> float:
    """1 - own loss / pooled loss on the rows that candidates are chosen on."""
    older, _ = rows.halves
    pooled = goal.loss(rows.rows.y[older], rows.pooled[older])
    return 0.0 if best is None or pooled == 0.0 else 1.0 - best.loss / pooled


def _is_hopeless(rows: OwnRows, goal: Objective, best: OwnTrial) -> bool:
    """Whether the best of the portfolio is behind the pooled model by more than chance explains."""
    older, _ = rows.halves
    actual = rows.rows.y[older]
    own = goal.losses(actual, predict_own(best.model, rows, older, goal))
    behind = own - goal.losses(actual, rows.pooled[older])
    return bool(behind.mean() > behind.std(ddof=1) / np.sqrt(len(behind)))
