"""What has to be told to ingest so that files fit a blueprint, or why that can't be known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tracer_ray.analysis.judging import Archive
from tracer_ray.analysis.looked_up import Joined, find_joined
from tracer_ray.analysis.mapping import sure_events
from tracer_ray.analysis.profile import profile
from tracer_ray.analysis.related import as_related
from tracer_ray.analysis.row_counts import counted_number
from tracer_ray.analysis.samples import Sample, sample_files
from tracer_ray.analysis.side_by_side import as_read
from tracer_ray.analysis.suggestion import Suggestion
from tracer_ray.archive import blueprints
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.as_of.sources import can_join
from tracer_ray.data.matching import match
from tracer_ray.data.row_counts import ROWS
from tracer_ray.errors import SchemaError


@dataclass(frozen=True)
class Preparation:
    """How files are read: which sources, which raw column for which, and what is left out."""

    sources: tuple[str, ...]
    mapping: Mapping[str, str]
    drop: tuple[str, ...]
    notes: tuple[str, ...]


def prepare(
    blueprint: Blueprint, sources: Sequence[str], told: Mapping[str, str], drop: Sequence[str]
) -> Preparation:
    """Find the columns of a blueprint in files; what the user `told` goes before all guesses.

    Of several data sets the one that fits best has the rows; others are taken along where ingest
    can join them as of these rows. Rows that are made of activity, and what that lacks, are found
    by ingest. Raises SchemaError where a column is doubtful, missing or of other values, naming it
    and what to type.
    """
    if blueprint.inactivity:
        return _prepare_log(blueprint, sources, told, drop)
    archive = Archive(blueprints())
    samples = _samples(sources, told, drop)
    alone = [_judged(archive, blueprint, sample, told) for sample in samples]
    judged = list(zip(alone, samples, strict=True))
    joined = find_joined(blueprint, samples, alone, told)
    if joined:
        whole = _judged(archive, blueprint, joined.sample, told)
        left = (each for place, each in enumerate(judged) if place not in joined.parts)
        judged = [(whole, joined.sample), *left]
    suggestion, sample = max(judged, key=lambda each: each[0].score)
    _refuse_unready(blueprint, suggestion, joined)
    mapping = {**suggestion.apply, **told}
    beside = [each.source for _, each in judged if _is_beside(blueprint, each, sample, told)]
    leaving = tuple(name for name in suggestion.drop if name not in told.values())
    return Preparation(
        sources=(sample.source, *sample.beside, *beside),
        mapping=mapping,
        drop=tuple(dict.fromkeys((*drop, *leaving))),
        notes=tuple(_notes(suggestion, leaving)),
    )


def _judged(
    archive: Archive, blueprint: Blueprint, sample: Sample, told: Mapping[str, str]
) -> Suggestion:
    read, known = as_read(blueprint, sample, told)
    return archive.suggest(blueprint, profile(read), read.table, known)


def _prepare_log(
    blueprint: Blueprint, sources: Sequence[str], told: Mapping[str, str], drop: Sequence[str]
) -> Preparation:
    """The sure columns of activity under other names, where all files have the same columns."""
    samples = _samples(sources, told, drop)
    apply = sure_events(blueprint, profile(samples[0]), told) if len(samples) == 1 else {}
    notes = tuple(f"{column} is read from {source!r}" for column, source in apply.items())
    return Preparation(tuple(sources), {**apply, **told}, tuple(drop), notes)


def _is_beside(blueprint: Blueprint, other: Sample, rows: Sample, told: Mapping[str, str]) -> bool:
    """Whether a data set may be joined: it is another one, and lacks what rows must have."""
    if other is rows or not can_join(blueprint):
        return False
    own = {name: raw for name, raw in told.items() if "." not in name}
    return bool(match(blueprint, other.table.column_names, own).missing)


def _samples(sources: Sequence[str], told: Mapping[str, str], drop: Sequence[str]) -> list[Sample]:
    return list(as_related([_without(each, drop) for each in sample_files(sources)], told))


def _without(sample: Sample, drop: Sequence[str]) -> Sample:
    kept = [name for name in sample.table.column_names if name not in drop]
    return replace(sample, table=sample.table.select(kept))


def _refuse_unready(blueprint: Blueprint, suggestion: Suggestion, joined: Joined | None) -> None:
    asked = [
        f"which column is {column!r}? say --map {column}=NAME with one of {', '.join(options)}"
        for column, options in suggestion.ask
    ]
    missing = [
        f"no column for {each}; say --map {each.split(' ')[0]}=NAME" for each in suggestion.missing
    ]
    leaks = [
        f"{joined.key!r} joins the files and tells the outcome by itself: join them without it"
        for name in suggestion.drop
        if joined and name == joined.key and suggestion.data == joined.sample.name
    ]
    number = counted_number(blueprint)
    lacking = (
        *(name for name, _ in suggestion.ask),
        *(x.split(" ")[0] for x in suggestion.missing),
    )
    counted = (
        [f"where each row is one: --map {number.name}={ROWS}"]
        if number and number.name in lacking
        else []
    )
    reasons = (*missing, *asked, *counted, *suggestion.problems, *leaks)
    if reasons:
        raise SchemaError(f"{suggestion.data} as {blueprint.id}: {'; '.join(reasons)}")


def _notes(suggestion: Suggestion, leaving: Sequence[str]) -> list[str]:
    """What was taken for what, and what was left out and why."""
    why = {each.name: each.reason for each in suggestion.leaks}
    other = "its values are not what its name says"
    return [
        *(f"{column} is read from {source!r}" for column, source in suggestion.apply.items()),
        *(f"{name!r} is left out: {why.get(name, other)}" for name in leaving),
    ]
