"""Columns that a blueprint doesn't declare: what kind they are, judged on all of their values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Blueprint, Column, Kind, Role
from tracer_ray.data.fingerprint import text_words
from tracer_ray.data.spelling import fold
from tracer_ray.data.values import parse, texts

FEWEST_CATEGORIES = 50
CATEGORY_SHARE = 0.05
MOST_CATEGORIES = 100_000
_FEWEST_NUMBERED = 20  # fewer rows may well have the numbers 1 to n
_RESERVED = {"owner", "time", "key"}


@dataclass(frozen=True)
class Evidence:
    """What some rows tell of a column; `distinct` are digests of its values, cut when too many.

    `lowest` and `highest` are those of its numbers.
    """

    values: int = 0
    is_numeric: bool = True
    is_flag: bool = True
    is_scalar: bool = True
    distinct: frozenset[int] = frozenset()
    lowest: float = inf
    highest: float = -inf

    def merged(self, other: "Evidence") -> "Evidence":
        """The evidence of both rows."""
        distinct = self.distinct | other.distinct
        return Evidence(
            self.values + other.values,
            self.is_numeric and other.is_numeric,
            self.is_flag and other.is_flag,
            self.is_scalar and other.is_scalar,
            distinct
            if len(distinct) <= MOST_CATEGORIES
            else frozenset(sorted(distinct)[: MOST_CATEGORIES + 1]),
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
        )

    def numbers_rows(self, rows: int) -> bool:
        """Whether it counts the rows: as many different numbers as rows, and none left out."""
        is_distinct = len(self.distinct) == min(rows, MOST_CATEGORIES + 1)
        is_run = self.highest - self.lowest == rows - 1
        return self.is_numeric and self.values == rows and is_distinct and is_run


@dataclass(frozen=True)
class Extras:
    """The columns taken as known, and a note for each one left out."""

    columns: tuple[Column, ...]
    notes: tuple[str, ...]


def examine(table: pa.Table) -> dict[str, Evidence]:
    """The evidence that these rows give for each of their columns."""
    return {name: _evidence(table[name]) for name in table.column_names}


def merge(evidences: Iterable[Mapping[str, Evidence]]) -> dict[str, Evidence]:
    """The evidence of all parts together; the order of the parts makes no difference."""
    merged: dict[str, Evidence] = {}
    for evidence in evidences:
        for name, each in evidence.items():
            merged[name] = merged.get(name, Evidence()).merged(each)
    return merged


def extra_columns(blueprint: Blueprint, evidence: Mapping[str, Evidence], rows: int) -> Extras:
    """A known NUMBER, FLAG or CATEGORY column for each useful raw column, in order of name.

    Left out are columns that are empty or constant, times, those that number the rows (where a file
    is sorted by its outcome, they tell it), and text with more distinct values than the greater of
    50 and 5 % of the rows; and the blueprint's known leaks.
    """
    most = min(max(FEWEST_CATEGORIES, int(CATEGORY_SHARE * rows)), MOST_CATEGORIES)
    taken = {column.name for column in blueprint.columns} | _RESERVED
    taken |= {feature.name for feature in blueprint.features} | {t.name for t in blueprint.targets}
    leaks = {fold(name): leak.reason for leak in blueprint.leaks for name in leak.names}
    columns, notes = [], []
    for source in sorted(evidence):
        reason = leaks.get(fold(source)) or _why_useless(evidence[source], most, rows)
        name = _canonical(source, taken)
        if reason:
            notes.append(f"extra column {source!r} is not used: {reason}")
            continue
        taken.add(name)
        described = f"{source}, as in the data"
        columns.append(
            Column(name, _kind(evidence[source]), Role.KNOWN, described, aliases=(source,))
        )
    return Extras(tuple(columns), tuple(notes))


def _evidence(values: pa.ChunkedArray) -> Evidence:
    type_ = values.type
    if pa.types.is_nested(type_) or pa.types.is_temporal(type_):
        return Evidence(is_scalar=False, is_numeric=False, is_flag=False)
    shown = parse(texts(values), Kind.CATEGORY).values
    words = np.unique(text_words(shown.drop_null()))[: MOST_CATEGORIES + 1]
    has_value = int(len(shown) - shown.null_count)
    is_bool = has_value == 0 or bool(pa.types.is_boolean(type_))
    numbers = parse(values, Kind.NUMBER)
    is_numeric = not pa.types.is_boolean(type_) and not numbers.is_bad.any()
    ends = pc.min_max(numbers.values).as_py() if is_numeric and has_value else {}
    return Evidence(
        has_value,
        is_numeric,
        is_bool,
        distinct=frozenset(words.tolist()),
        lowest=ends.get("min", inf),
        highest=ends.get("max", -inf),
    )


def _why_useless(evidence: Evidence, most: int, rows: int) -> str:
    if not evidence.is_scalar:
        return "it is a time or a nested value"
    if len(evidence.distinct) < 2:
        return "it is constant" if evidence.distinct else "it is empty"
    if rows >= _FEWEST_NUMBERED and evidence.numbers_rows(rows):
        return "it numbers the rows"
    if _kind(evidence) is Kind.CATEGORY and len(evidence.distinct) > most:
        return f"it has more than {most} different texts"
    return ""


def _kind(evidence: Evidence) -> Kind:
    if evidence.is_flag:
        return Kind.FLAG
    return Kind.NUMBER if evidence.is_numeric else Kind.CATEGORY


def _canonical(source: str, taken: set[str]) -> str:
    """A name in snake case that nothing else has.

    >>> _canonical("Senior Citizen", {"senior_citizen"})
    'senior_citizen_2'
    """
    name = re.sub(r"\W+", "_", source.strip().lower()).strip("_") or "column"
    candidates = (name, *(f"{name}_{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in candidates if each not in taken)
