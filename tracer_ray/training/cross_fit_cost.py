"""What cross-fitting a pooled model costs, and which candidates there is time for."""

from collections.abc import Sequence
from dataclasses import replace

from tracer_ray.training.cost_model import TRAINING_SHARE, rows_seen_by_ensembles
from tracer_ray.training.pooled import RUNG_SHARES
from tracer_ray.training.pooled_record import SearchedCandidate

UNAFFORDABLE = "not used: cross-fitting it would take too long"
FITS = rows_seen_by_ensembles() / (TRAINING_SHARE * sum(RUNG_SHARES))  # in searches of a candidate


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
