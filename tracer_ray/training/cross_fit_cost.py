"""What cross-fitting a pooled model costs, and which candidates there is time for."""

import math
from collections.abc import Sequence
from dataclasses import replace

from tracer_ray.training.cost_model import TRAINING_SHARE, rows_seen_by_ensembles
from tracer_ray.training.pooled import RUNG_SHARES
from tracer_ray.training.pooled_record import SearchedCandidate

UNAFFORDABLE = "not used: cross-fitting it would take too long"
FITS = rows_seen_by_ensembles() / (TRAINING_SHARE * sum(RUNG_SHARES))  # in searches of a candidate


def foreseen_seconds(rungs: int, rung_s: float) -> float:
    """What finishing a candidate's search and cross-fitting it takes, after its newest rung.

    Nothing is foreseen from the first rung, in which libraries are imported, nor after the last.
    """
    if rungs in (1, len(RUNG_SHARES)):
        return -math.inf
    of_all_rows_s = rung_s / RUNG_SHARES[rungs - 1]
    return of_all_rows_s * (sum(RUNG_SHARES[rungs:]) + FITS * sum(RUNG_SHARES))


def within_time(
    searched: Sequence[SearchedCandidate], seconds: float
) -> tuple[SearchedCandidate, ...]:
    """The candidates, with those marked that can't be cross-fitted in so many seconds altogether.

    The better ones come first. Where there is time for none, the cheapest one stays.
    """
    complete = [each for each in searched if each.is_complete]
    kept, left = set[int](), seconds
    for each in sorted(complete, key=lambda each: each.loss):
        if FITS * each.seconds <= left:
            kept.add(each.number)
            left -= FITS * each.seconds
    if not kept:
        kept.add(min(complete, key=lambda each: each.seconds).number)
    return tuple(
        replace(each, error=UNAFFORDABLE) if each in complete and each.number not in kept else each
        for each in searched
    )
