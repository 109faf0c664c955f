"""What a training run was asked for, and the plan that all its workers follow."""

import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import ray

from tracer_ray import storage
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.dataset import Dataset
from tracer_ray.engine.ingest import IngestOptions
from tracer_ray.engine.limits import Limits
from tracer_ray.engine.tuning import node_cpus, trial_memory_bytes
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.release import Release
from tracer_ray.splits import Basis, basis_of, cuts_of
from tracer_ray.training.cost_model import pooled_step
from tracer_ray.training.inheritance import stand_on
from tracer_ray.training.plan import Budget, Predecessor, TrainingPlan, budget, software
from tracer_ray.training.stages import (
    count_outcomes,
    count_positions,
)

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingRequest:
    """What the user asked for. No targets means all that the data has.

    An incremental run stands on the champion where it can: what did not change is taken over.
    `most_minutes` and `most_candidates` bound the run; 0 is no bound. The minutes count from
    `began_s`, an instant of time.monotonic().
    """

    blueprint: Blueprint
    sources: tuple[str, ...]
    home: str
    targets: tuple[str, ...] = ()
    budget: str = "standard"
    seed: int = 0
    ingest: IngestOptions = field(default_factory=IngestOptions)
    limits: Limits = field(default_factory=Limits)
    is_incremental: bool = False
    most_minutes: float = 0.0
    began_s: float = field(default_factory=time.monotonic)
    most_candidates: int = 0

    @property
    def full_budget(self) -> Budget:
        """The named budget within the bounds; TrainingError for an unknown name."""
        return replace(
            budget(self.budget),
            most_minutes=self.most_minutes,
            most_candidates=self.most_candidates,
        )


def make_plan(request: TrainingRequest, dataset: Dataset, registry: Registry) -> TrainingPlan:
    """Where the data is cut, and everything else that every worker must know."""
    blueprint = dataset.blueprint
    wanted = tuple(blueprint.target(name).name for name in request.targets)
    names = wanted or tuple(target.name for target in blueprint.targets)
    basis = basis_of(blueprint)
    buckets = range(dataset.buckets)
    counted = ray.get([_count.remote(dataset.uri, each, names, basis) for each in buckets])
    outcomes = sum((each for _, each in counted), Counter[str]())
    settled = tuple(name for name in dict.fromkeys(names) if wanted or outcomes[name])
    for name in set(names) - set(settled):
        LOG.warning("event=target_left_out target=%s reason='no row has its outcome'", name)
    rows_at = sum((each for each, _ in counted), Counter[float]())
    plan = TrainingPlan(
        home=storage.absolute(request.home),
        dataset_uri=dataset.uri,
        dataset_fingerprint=str(dataset.manifest["fingerprint"]),
        blueprint=blueprint,
        targets=settled or names,
        cuts=cuts_of(blueprint.split, basis, rows_at),
        budget=request.full_budget,
        seed=request.seed,
        software=software(),
    )
    able = trial_memory_bytes(request.limits, node_cpus())
    step = pooled_step(int(str(dataset.manifest["rows"])), len(plan.program.names), able)
    plan = replace(plan, pooled_step=step)
    return _on_champion(plan, registry, rows_at) if request.is_incremental else plan


def _on_champion(
    plan: TrainingPlan, registry: Registry, rows_at: Mapping[float, int]
) -> TrainingPlan:
    """The plan standing on the champion's run; as it is, with the reason, where it can't."""
    champion = registry.champion(plan.blueprint.id)
    found: TrainingPlan | str = "there is no champion"
    if champion:
        origin = Release.open(champion.uri).manifest.origin
        before = Predecessor(champion.release, str(origin.settings.get("run", "")))
        found = stand_on(plan, before, rows_at)
    if isinstance(found, str):
        LOG.warning("event=trained_from_scratch reason=%r", found)
        return plan
    return found


@ray.remote(num_cpus=1)
def _count(
    dataset_uri: str, bucket: int, targets: tuple[str, ...], basis: Basis
) -> tuple[Counter[float], Counter[str]]:
    rows = Dataset.open(dataset_uri).read_bucket(bucket)
    return count_positions(rows, basis, targets), count_outcomes(rows, targets)
