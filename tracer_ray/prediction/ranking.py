"""Ranks among the rows of one batch and day.

The only fields of an answer that depend on its batch mates: a rank is one among somebody.
Everything else is as if a row had been asked about alone.
"""

from collections.abc import Sequence

import numpy as np

from tracer_ray.blueprint import Blueprint, Source
from tracer_ray.cross_section import ranks
from tracer_ray.errors import RequestError

DATED = "date"
Answered = dict[str, object]


def ranked(
    blueprint: Blueprint, answers: Sequence[Answered | RequestError]
) -> list[Answered | RequestError]:
    """The answers with their ranks among those of the same target and date.

    A blueprint that ranks nothing gets its answers back. Ranking again changes nothing.
    """
    if not blueprint.ranks:
        return list(answers)
    names = {each.source: each.name for each in blueprint.output}
    groups: dict[tuple[object, object], dict[int, Answered]] = {}
    for place, each in enumerate(answers):
        if not isinstance(each, RequestError):
            groups.setdefault((each["target"], each[DATED]), {})[place] = each
    found = list(answers)
    for said in groups.values():
        scores = np.array([float(str(each[names[Source.SCORE]])) for each in said.values()])
        for (place, each), more in zip(said.items(), _ranks(scores), strict=True):
            fields = {names[source]: value for source, value in more.items() if source in names}
            found[place] = {**each, **fields}
    return found


def _ranks(scores: np.ndarray) -> list[dict[Source, object]]:
    """Rank, number of rows and percentile by the scores of one day.

    >>> [each[Source.RANK] for each in _ranks(np.array([0.1, 0.5, 0.1]))]
    [2, 1, 2]
    """
    count = len(scores)
    above = (scores[None, :] > scores[:, None]).sum(axis=1)
    share = (ranks(scores) - 1.0) / max(count - 1, 1)
    return [
        {
            Source.RANK: int(better) + 1,
            Source.RANKED: count,
            Source.PERCENTILE: round(float(part), 6) if count > 1 else None,
        }
        for better, part in zip(above, share, strict=True)
    ]
