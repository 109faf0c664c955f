"""The pooled model of a run: found where it is kept, fitted again for a night, or searched."""

import time

import ray

from tracer_ray.engine.pooled_search import PooledJob, search_pooled
from tracer_ray.engine.progress import CostMeter
from tracer_ray.families import Resources
from tracer_ray.training.cross_fit_cost import within_time
from tracer_ray.training.inheritance import refit_pooled
from tracer_ray.training.pooled import LabelledRows, choose_members, judged_outcomes
from tracer_ray.training.pooled_model import PooledModel, fit_pooled
from tracer_ray.training.pooled_record import SearchedCandidate
from tracer_ray.training.pooled_store import (
    StoredPooled,
    digest_of_seen,
    has_pooled,
    read_pooled,
    read_searched,
    write_pooled,
)
from tracer_ray.training.search import naive_first, pooled_candidates
from tracer_ray.training.stages import POOLED


def find_candidates(job: PooledJob, meter: CostMeter) -> tuple[SearchedCandidate, ...]:
    """Search the pooled model, unless this run has it already or the champion's does."""
    plan = job.plan
    folder = plan.part_folder(POOLED, job.target)
    if not has_pooled(folder) and plan.predecessor:
        with meter.stage(f"refit:{job.target}", 1) as progress:
            refit = _refit_pooled.options(num_cpus=job.threads)
            ray.get(refit.remote(job, job.rows))
            progress.advance()
    if has_pooled(folder):
        return read_searched(folder)
    candidates = pooled_candidates(plan, job.target)
    if job.deadline.is_bound:
        candidates = naive_first(candidates)
    with meter.stage(f"pooled:{job.target}", len(candidates)) as progress:
        searched = search_pooled(job, candidates, progress)
    return within_time(searched, job.deadline.cross_fit_until_s - time.monotonic())


def fit_or_load(
    job: PooledJob, searched: tuple[SearchedCandidate, ...]
) -> "ray.ObjectRef[PooledModel]":
    """The pooled model, cross-fitted once and kept in the run's folder."""
    return _fit_pooled.options(num_cpus=job.threads).remote(job, job.rows, searched)


@ray.remote
def _fit_pooled(
    job: PooledJob, rows: LabelledRows, searched: tuple[SearchedCandidate, ...]
) -> PooledModel:
    plan, target = job.plan, job.target
    folder = plan.part_folder(POOLED, target)
    if has_pooled(folder):
        return read_pooled(folder).model
    goal = plan.objective(target)
    members = choose_members(job.trials(searched), judged_outcomes(rows), goal)
    fitted = fit_pooled(rows, goal, members, Resources(job.threads, plan.seed))
    seen = digest_of_seen(plan, target, rows)
    return write_pooled(plan, target, StoredPooled(fitted, searched, seen)).model


@ray.remote
def _refit_pooled(job: PooledJob, rows: LabelledRows) -> bool:
    return refit_pooled(job.plan, job.target, rows, Resources(job.threads, job.plan.seed))
