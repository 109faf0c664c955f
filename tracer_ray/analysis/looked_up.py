"""Two data sets that have together what a blueprint needs: rows, and what is looked up for them."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracer_ray.analysis.judging import NOTHING_TOLD, Archive
from tracer_ray.analysis.mapping import told_of
from tracer_ray.analysis.profile import profile
from tracer_ray.analysis.samples import JOINED, Sample
from tracer_ray.analysis.suggestion import Suggestion
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.lookup_search import Match, Table, find_matches
from tracer_ray.data.lookups import Keyed


@dataclass(frozen=True)
class Joined:
    """Rows with what was looked up for them by `key`; `parts` are the places of the two samples."""

    sample: Sample
    parts: tuple[int, int]
    key: str


def find_joined(
    blueprint: Blueprint,
    samples: Sequence[Sample],
    alone: Sequence[Suggestion],
    told: Dictionary[str, str],
) -> Joined | None:
    """The rows that ingest would make of two of the data sets; None where it makes none.

    `alone` is what was suggested for each of them, in their order: its names are taken for the
    blueprint's.
    """
    mine = told_of(blueprint.columns, told)
    tables = [_table(blueprint, sample, each) for sample, each in zip(samples, alone, strict=True)]
    matches = find_matches(blueprint, tables, mine)
    if not matches:
        return None
    found = matches[0]
    sample = _join(samples[found.rows], samples[found.other], found)
    return Joined(sample, (found.rows, found.other), found.key)


def with_looked_up(
    archive: Archive,
    judged: Sequence[Suggestion],
    samples: Sequence[Sample],
    told: Dictionary[str, str],
) -> list[Suggestion]:
    """The suggestions, one for two data sets that belong together in place of those for each.

    `judged` has one for each blueprint and sample, a blueprint's in the order of the samples.
    """
    kept: list[Suggestion] = []
    for blueprint in archive.blueprints:
        alone = [each for each in judged if each.blueprint == blueprint.id]
        joined = find_joined(blueprint, samples, alone, told)
        if joined is None or not len(joined.sample.table):
            kept += alone
            continue
        kept += (each for place, each in enumerate(alone) if place not in joined.parts)
        table, known = joined.sample.table, profile(joined.sample)
        kept.append(archive.suggest(blueprint, known, table, told))
    return kept


def table_of(sample: Sample, names: Dictionary[str, str] = NOTHING_TOLD) -> Table:
    """A data set as the search for what belongs together takes it."""
    return Table(tuple(sample.table.column_names), sample.table.__getitem__, names)


def _table(blueprint: Blueprint, sample: Sample, alone: Suggestion) -> Table:
    """A data set under the names that are sure; the only time that may be one is one, too."""
    time = blueprint.time.name if blueprint.time else ""
    times = {name: raw[0] for name, raw in alone.ask if name == time and len(raw) == 1}
    known = {column.name for column in blueprint.columns}
    names = {name: raw for name, raw in (times | dict(alone.mapping)).items() if name in known}
    return table_of(sample, names)


def _join(rows: Sample, other: Sample, found: Match) -> Sample:
    """The sample of the rows; where not all of the other is known, only those that it has."""
    looked_up = other.table.select([found.their_key, *found.columns])
    keyed = Keyed.of(looked_up, found.their_key, other.name)
    table = keyed.join(rows.table, found.key)
    if not other.is_whole:
        table = table.filter(keyed.found(rows.table, found.key).is_valid())
    return replace(
        rows,
        name=JOINED.join((rows.name, other.name)),
        table=table,
        beside=rows.sources_beside(other),
    )
