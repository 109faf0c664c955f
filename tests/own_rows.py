"""One owner's rows with a known effect, and a trial on them, for tests that need no dataset."""

from dataclasses import dataclass, replace

import numpy as np

from blueprints.player_props import PLAYER_PROPS
from tracer_ray.blueprint import Answer, Candidate, Portfolio, candidate
from tracer_ray.families import Resources, Task
from tracer_ray.rows import FloatArray
from tracer_ray.splits import Cuts
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.fleet_trial import Owner, run_trial
from tracer_ray.training.inheritance import Start
from tracer_ray.training.objective import Objective
from tracer_ray.training.own import OwnRows
from tracer_ray.training.plan import Budget, TrainingPlan
from tracer_ray.training.pooled import LabelledRows

NAMES = ("a", "b")
MAE = Objective(Task(Answer.NUMBER, "absolute", NAMES), "mae")
EAGER = candidate("elastic_net", alpha=0.01, prior_rows=1)
TIMID = candidate("elastic_net", alpha=0.5, prior_rows=1000)
RESOURCES = Resources(seed=1)


def own_rows(rows: int = 200, *, effect: float = 3.0, seed: int = 0) -> OwnRows:
    """An owner who reacts to `a` by `effect` more than the pooled model says."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 2)).astype(np.float32)
    pooled: FloatArray = 10.0 + x[:, 1].astype(np.float64)
    shares = np.quantile(np.arange(rows), [0.6, 0.75, 0.85])
    labelled = LabelledRows(
        x=x,
        y=pooled + effect * x[:, 0] + random.normal(0.0, 0.5, rows),
        position=np.arange(rows, dtype=np.float64),
        parts=np.searchsorted(shares, np.arange(rows)).astype(np.int8),
        is_by_time=True,
    )
    return OwnRows(labelled, pooled, np.full(rows, 9.0))


def with_outcomes(rows: OwnRows, y: FloatArray) -> OwnRows:
    """The rows with other outcomes."""
    return replace(rows, rows=replace(rows.rows, y=y))


@dataclass(frozen=True)
class FixedPlan(TrainingPlan):
    """A plan whose objective needs no dataset."""

    def objective(self, target: str) -> Objective:
        return MAE


def plan(*candidates: Candidate, count: int = 2) -> TrainingPlan:
    """A plan with these candidates for entities."""
    blueprint = replace(PLAYER_PROPS, portfolio=Portfolio((), candidates or (TIMID, EAGER)))
    cuts = Cuts(1.0, 2.0, 3.0)
    return FixedPlan("h", "d", "f", blueprint, ("points",), cuts, Budget(1, count), 0, "tests")


def record_of(rows: OwnRows, plan: TrainingPlan, start: Start | None = None) -> FleetRecord:
    """The record that a trial leaves."""
    *before, record = (
        each.record for each in run_trial(plan, "points", Owner("ann", 0, 0), rows, start)
    )
    assert before == [None] * len(before)
    assert isinstance(record, FleetRecord)
    return record
