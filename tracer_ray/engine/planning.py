"""What a training run would do and cost, foretold from past runs or from a sample of fits."""

import time
from dataclasses import dataclass

import ray

from tracer_ray import storage
from tracer_ray.engine.ingest import ingest
from tracer_ray.engine.run_plan import TrainingRequest, make_plan
from tracer_ray.engine.session import start_ray
from tracer_ray.engine.tuning import cluster_cpus, node_cpus
from tracer_ray.registry.registry import Registry
from tracer_ray.report.contents import StageCost
from tracer_ray.training.cost_model import (
    STAGES,
    Workload,
    disk_bytes,
    expected,
    memory_bytes,
    read_rates,
)
from tracer_ray.training.cost_sample import sample_rates
from tracer_ray.training.plan import TrainingPlan

AROUND_S = 10.0  # what is no stage: 12 s of 78 s with NBA points


@dataclass(frozen=True)
class Forecast:
    """How much a run has to do, and what that costs; `basis` says where the rates come from."""

    entities: int
    workload: Workload
    costs: tuple[StageCost, ...]
    memory_bytes: int
    disk_bytes: int
    disk_free_bytes: int | None
    basis: str

    @property
    def seconds(self) -> float:
        """How long the command takes, with starting and ending the process and Ray."""
        return AROUND_S + sum(each.seconds for each in self.costs)

    def to_json(self) -> dict[str, object]:
        """The forecast as plain values."""
        work = self.workload
        return {
            "entities": self.entities,
            "rows": work.rows,
            "targets": work.targets,
            "trials": work.targets * work.trials,
            "candidates": work.candidates,
            "cpus": work.cpus,
            "seconds": round(self.seconds, 1),
            "cpu_seconds": round(sum(each.cpu_seconds for each in self.costs), 1),
            "memory_bytes": self.memory_bytes,
            "disk_bytes": self.disk_bytes,
            "disk_free_bytes": self.disk_free_bytes,
            "basis": self.basis,
            "stages": {each.stage: round(each.seconds, 1) for each in self.costs},
        }


def forecast(request: TrainingRequest) -> Forecast:
    """Store the data, look at it, and foresee the run; nothing is trained or registered."""
    start_ray()
    began = time.perf_counter()
    dataset = ingest(request.blueprint, request.sources, request.home, options=request.ingest)
    ingest_s = time.perf_counter() - began
    plan = make_plan(request, dataset, Registry(request.home))
    sampled, share = _sample(plan)
    known = read_rates(plan.home, plan.blueprint.id)
    rows = int(str(dataset.manifest["rows"]))
    cpus = cluster_cpus()
    sampled["ingest"] = ingest_s * cpus / rows
    workload = Workload(
        rows=rows,
        features=len(plan.feature_names(plan.targets[0])),
        trials=round(share * len(dataset.entities)) if plan.blueprint.owner else 0,
        targets=len(plan.targets),
        budget=plan.budget,
        cpus=cpus,
        pooled_step=plan.pooled_step,
    )
    is_known = {stage for stage in STAGES if workload.units[stage]} <= set(known)
    return Forecast(
        entities=len(dataset.entities),
        workload=workload,
        costs=expected(workload, sampled | known),
        memory_bytes=memory_bytes(workload),
        disk_bytes=disk_bytes(workload),
        disk_free_bytes=storage.free_bytes(plan.home),
        basis="the last run here" if is_known else "a sample of fits",
    )


def _sample(plan: TrainingPlan) -> tuple[dict[str, float], float]:
    threads = node_cpus()
    task = _sample_rates.options(num_cpus=threads)
    rates, share = ray.get(task.remote(plan, plan.targets[0], threads))
    return rates, share


@ray.remote
def _sample_rates(plan: TrainingPlan, target: str, threads: int) -> tuple[dict[str, float], float]:
    rates, trials = sample_rates(plan, target, threads)
    return rates, trials / max(len(plan.bucket_owners(0)), 1)
