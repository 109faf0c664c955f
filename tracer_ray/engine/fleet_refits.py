"""What is settled of a fleet: models fitted again, in the processes that a run has already.

A night that stands on a champion settles most entities that have new rows: nothing is searched, two
fits are made. An experiment of Tune would take longer to start its processes than that takes.
"""

import time

import ray

from tracer_ray.engine.fleet import Chunk, ask_finished, entities_per_trial, in_chunks
from tracer_ray.engine.fleet_trials import FleetJob
from tracer_ray.engine.limits import ending_after
from tracer_ray.engine.progress import Progress
from tracer_ray.engine.tuning import cluster_cpus
from tracer_ray.training.fleet_trial import OwnerReader, run_trial


def refit_settled(job: FleetJob, entries: Chunk, progress: Progress) -> Chunk:
    """Fit again whom nothing has to be searched for; who is left for trials.

    That is also who was behind a fit that raised, took too long or ended its process: a trial of
    its own gives each the record and the reason.
    """
    settled = tuple(each for each in entries if each.start.is_settled)
    if not settled or time.monotonic() > job.until_s:
        return entries
    size = entities_per_trial(len(settled), cluster_cpus())
    fitting = [_refit.remote(job, chunk) for chunk in in_chunks(settled, size)]
    ray.wait(fitting, num_returns=len(fitting), fetch_local=False)
    done = ask_finished(job)
    left = tuple(each for each in entries if each.owner.name not in done)
    progress.advance(len(entries) - len(left))
    return left


@ray.remote(num_cpus=1, max_retries=0)
def _refit(job: FleetJob, entries: Chunk) -> None:
    reader, log = OwnerReader(job.plan, job.target), job.open_log()
    for entry in entries:
        with ending_after(job.limits.candidate_s):
            rows = reader.read(entry.owner, job.standing.baseline)
            *_, last = run_trial(job.plan, job.target, entry.owner, rows, entry.start)
        if last.record:
            log.write(last.record.to_arrow())
    log.sync()
