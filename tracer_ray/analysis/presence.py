"""Outcomes that are rows of another data set: who is in `returns.csv` has sent something back."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import replace

from tracer_ray.analysis.judging import Archive
from tracer_ray.analysis.looked_up import table_of
from tracer_ray.analysis.names import words_of
from tracer_ray.analysis.profile import Profile, profile
from tracer_ray.analysis.samples import Sample
from tracer_ray.analysis.suggestion import FITS_WELL, Suggestion
from tracer_ray.blueprint import Blueprint, Column, Kind, Role
from tracer_ray.data.lookup_search import LEAST_MET, keys_of
from tracer_ray.data.matching import opposites
from tracer_ray.data.presence import Said, refuse_unclear, said_of, shared_key

_BY_A_FILE = 0.85  # of a suggestion whose outcome only the name of a file says
_OF_ANY_KEY = frozenset(words_of("id number key"))


def with_told_presence(samples: Sequence[Sample], told: Dictionary[str, str]) -> tuple[Sample, ...]:
    """The samples with the column that somebody says to be told by another one, without that.

    Raises SchemaError where no sample, or several, are called so.
    """
    given = {name for sample in samples for name in sample.table.column_names}
    said = said_of(name for name in told.values() if name not in given)
    if said is None:
        return tuple(samples)
    refuse_unclear(said, [each.name for each in samples])
    other = next(each for each in samples if each.name == said.file)
    rows = [each for each in samples if each is not other]
    keys = [shared_key(table_of(each), table_of(other)) for each in rows]
    return tuple(
        _joined(each, other, key, said) if key else each
        for each, key in zip(rows, keys, strict=True)
    )


def suggest_presence(
    archive: Archive,
    judged: Sequence[Suggestion],
    sets: Sequence[tuple[Profile, Sample]],
    told: Dictionary[str, str],
) -> tuple[Suggestion, ...]:
    """A suggestion for each blueprint that lacks its outcome, where another file is named after it.

    Rows of which it names some may be those that have done it; that is asked for.
    """
    fitting = {(each.blueprint, each.data) for each in judged if each.score >= FITS_WELL}
    return tuple(
        archive.suggest(
            blueprint, profile(sample), sample.table, {**told, outcome.name: said.made}
        ).asking(outcome.name, said.made, _BY_A_FILE)
        for blueprint in archive.blueprints
        if (outcome := _outcome(blueprint))
        for _, rows in sets
        if (blueprint.id, rows.name) not in fitting
        for sample, said in _told_apart((blueprint, outcome), rows, sets)
    )


def _told_apart(
    predicted: tuple[Blueprint, Column], rows: Sample, sets: Sequence[tuple[Profile, Sample]]
) -> Iterator[tuple[Sample, Said]]:
    """The rows with a column for each other sample that is named after the outcome, and names some.

    The key must be that of what is predicted: who bought does not tell which visit they did in. A
    name that says more (`expired_coupons`) is of something else.
    """
    blueprint, outcome = predicted
    row = blueprint.role(Role.ROW)
    if row is None:
        return
    own = {word for name in row.names for word in words_of(name)} - _OF_ANY_KEY
    for known, other in sets:
        is_denied = not known.is_named_after(outcome.names)
        if other is rows or (is_denied and not known.is_named_after(opposites(outcome))):
            continue
        if not _words_of_file(other) <= own | _names_of(outcome):
            continue
        key = shared_key(table_of(rows), table_of(other), LEAST_MET)
        if key is None or not own & set(words_of(key[0])):
            continue
        said = Said(other.name, is_denied)
        sample = _joined(rows, other, key, said)
        if len(sample.table[said.made].unique()) > 1:
            yield sample, said


def _outcome(blueprint: Blueprint) -> Column | None:
    """The flag that is predicted; None where that is no flag, or there are several."""
    names = {name for target in blueprint.targets for name in target.columns}
    flags = [each for each in blueprint.columns if each.name in names and each.kind is Kind.FLAG]
    is_one = len(names) == 1 and not blueprint.sides and not blueprint.inactivity
    return flags[0] if flags and is_one else None


def _words_of_file(sample: Sample) -> set[str]:
    """The words of its name, without the year or number of a file."""
    return {word for word in words_of(sample.name.rpartition(".")[0]) if not word.isdigit()}


def _names_of(outcome: Column) -> set[str]:
    """The words that say an outcome, or its opposite."""
    return {word for name in (*outcome.names, *opposites(outcome)) for word in words_of(name)}


def _joined(rows: Sample, other: Sample, key: tuple[str, str], said: Said) -> Sample:
    """The rows with the column that another sample says, by the column of each that is a key."""
    known = frozenset(keys_of(other.table[key[1]])) - {""}
    made = said.values(keys_of(rows.table[key[0]]), known)
    table = rows.table.append_column(said.made, made)
    return replace(rows, table=table, beside=rows.sources_beside(other))
