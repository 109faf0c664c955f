"""Which files of a source belong to a blueprint, and what they have of its columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from tracer_ray.blueprint import Blueprint
from tracer_ray.data.matching import all_names, match, refuse_missing
from tracer_ray.data.schema import Plan
from tracer_ray.data.sources import SourceFile
from tracer_ray.data.spelling import fold
from tracer_ray.errors import DataError, SchemaError


@dataclass(frozen=True)
class Survey:
    """What was found, before any value is read.

    `ignored` has the reason by URI; `mapping` the raw name (or names, where files differ) by
    canonical name; `absent` the optional columns in no file; `undeclared` raw names of no column.
    """

    files: tuple[SourceFile, ...]
    ignored: Mapping[str, str]
    mapping: Mapping[str, str]
    absent: tuple[str, ...]
    undeclared: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        """The number of raw rows (CSV: about)."""
        return sum(file.rows for file in self.files)


def survey_files(
    blueprint: Blueprint, files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> Survey:
    """Match every file; one that lacks most required columns is another table and left out.

    So is one that lacks some and has only ids to count, beside a file that has the number itself.

    Raises SchemaError where a file lacks some but not most required columns, where no file is left,
    or where the mapping names a raw column that no file has; DataError where all files are empty.
    """
    ignored = {file.uri: "it is empty" for file in files if file.is_empty}
    filled = [file for file in files if not file.is_empty]
    if not filled:
        raise DataError(f"{', '.join(ignored)}: no rows at all; nothing to ingest")
    plans = {file: match(blueprint, file.columns, mapping) for file in filled}
    has_numbers = any(not plan.missing and not plan.counts for plan in plans.values())
    for file, plan in plans.items():
        if plan.is_other_table or (has_numbers and plan.missing and plan.counts):
            lacking = ", ".join(missing.name for missing in plan.missing)
            ignored[file.uri] = f"another table: it lacks {lacking}"
        else:
            refuse_missing(blueprint, plan, file.columns, file.uri)
    kept = {file: plan for file, plan in plans.items() if file.uri not in ignored}
    if not kept:
        nearest = min(filled, key=lambda file: len(plans[file].missing))
        refuse_missing(blueprint, plans[nearest], nearest.columns, nearest.uri)
    _check_mapping(mapping, [*kept])
    return Survey(
        files=tuple(kept),
        ignored=ignored,
        mapping=_found(kept.values()),
        absent=tuple(
            name
            for name in next(iter(kept.values())).absent
            if all(name in plan.absent for plan in kept.values())
        ),
        undeclared=_undeclared(kept, blueprint),
        notes=_notes(kept),
    )


def _notes(kept: Mapping[SourceFile, Plan]) -> tuple[str, ...]:
    """What was decided without asking, each once; files first."""
    of_files = (file.note for file in kept if file.note)
    return tuple(dict.fromkeys((*of_files, *(n for plan in kept.values() for n in plan.notes))))


def _check_mapping(mapping: Mapping[str, str], files: Sequence[SourceFile]) -> None:
    names = sorted({name for file in files for name in file.columns})
    folded = {fold(name) for name in names}
    for canonical, source in mapping.items():
        if fold(source) not in folded:
            close = ", ".join(get_close_matches(source, names, n=3, cutoff=0.0))
            raise SchemaError(
                f"mapping {canonical}={source}: no file has a column {source!r}; "
                f"closest present: {close}"
            )


def _found(plans: Iterable[Plan]) -> dict[str, str]:
    found: dict[str, dict[str, None]] = {}
    for plan in plans:
        for name, source in plan.mapping.items():
            found.setdefault(name.strip("_"), {})[source] = None
    return {name: " | ".join(sources) for name, sources in found.items()}


def _undeclared(kept: Mapping[SourceFile, Plan], blueprint: Blueprint) -> tuple[str, ...]:
    """Columns that no plan reads and that bear no declared column's name.

    A second column under one of the outcome's names is the outcome again, not something known.
    """
    declared = {fold(name) for column in blueprint.columns for name in all_names(column)}
    names: dict[str, str] = {}
    for file, plan in kept.items():
        for name in file.columns:
            if name not in plan.sources and fold(name) not in declared:
                names.setdefault(fold(name), name)
    return tuple(names[key] for key in sorted(names))
