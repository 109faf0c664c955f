"""Two data sets that have together what a blueprint needs: rows, and what is looked up for them."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import pyarrow.compute as pc

from tracer_ray.analysis.mapping import find_mapping
from tracer_ray.analysis.profile import Profile, profile
from tracer_ray.analysis.samples import Sample
from tracer_ray.analysis.suggestion import Archive, Suggestion
from tracer_ray.blueprint import Blueprint, Role
from tracer_ray.data.lookups import Keyed, Match, find_match, has_one_row_per
from tracer_ray.data.spelling import fold


@dataclass(frozen=True)
class Joined:
    """Rows with what was looked up for them, and the two samples that they are made of."""

    sample: Sample
    parts: tuple[Sample, Sample]


def find_joined(
    blueprint: Blueprint,
    samples: Sequence[Sample],
    profiles: Sequence[Profile],
    told: Dictionary[str, str],
) -> Joined | None:
    """The rows that ingest would make of two of the data sets; None where it makes none."""
    if not _is_any_shared(profiles):
        return None

    @cache
    def is_unique(place: int, name: str) -> bool:
        return has_one_row_per(samples[place].table, name)

    names = {key: raw for each in profiles for key, raw in _likely(blueprint, each, told).items()}
    tables = [each.names for each in profiles]
    found = find_match(blueprint, tables, is_unique, names)
    if found is None:
        return None
    rows, other = samples[found.rows], samples[found.other]
    return Joined(_join(rows, other, found), (rows, other))


def with_looked_up(
    archive: Archive,
    judged: Sequence[Suggestion],
    samples: Sequence[Sample],
    profiles: Sequence[Profile],
    told: Dictionary[str, str],
) -> list[Suggestion]:
    """The suggestions, where two data sets belong together in place of those for each alone."""
    kept = list(judged)
    for blueprint in archive.blueprints:
        joined = find_joined(blueprint, samples, profiles, told)
        if joined is None or not len(joined.sample.table):
            continue
        names = {each.name for each in joined.parts}
        alone = [each for each in kept if each.blueprint == blueprint.id and each.data in names]
        known = profile(joined.sample)
        together = archive.suggest(blueprint, known, joined.sample.table, told)
        if together.score > max((each.score for each in alone), default=0.0):
            kept = [*(each for each in kept if each not in alone), together]
    return kept


def _is_any_shared(profiles: Sequence[Profile]) -> bool:
    """Whether two data sets have a column of the same name."""
    names = [{fold(name) for name in each.names} for each in profiles]
    return sum(map(len, names)) > len(set().union(*names))


def _likely(blueprint: Blueprint, known: Profile, told: Dictionary[str, str]) -> dict[str, str]:
    """The names under which a data set has a blueprint's columns; the only time is one, too."""
    found = find_mapping(blueprint, known, told).found
    return {
        each.column.name: each.source
        for each in found
        if each.is_used or (each.column.role is Role.TIME and len(each.options) == 1)
    }


def _join(rows: Sample, other: Sample, found: Match) -> Sample:
    """The sample of the rows; where not all of the other is known, only those that it has."""
    looked_up = other.table.select([found.their_key, *found.columns])
    keyed = Keyed.of(looked_up, found.their_key, other.name)
    table = keyed.join(rows.table, found.key)
    if not other.is_whole:
        table = table.filter(pc.is_valid(table[found.columns[0]]))
    return replace(
        rows,
        name=f"{rows.name} with {other.name}",
        table=table,
        beside=tuple({other.source} - {rows.source, ""}),
    )
