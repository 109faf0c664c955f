"""Raw columns that say the outcome: the declared ones, and those whose values give them away."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.analysis.found import Found
from tracer_ray.analysis.mapping import Mapping
from tracer_ray.blueprint import Blueprint, DateOrder, Kind, Role
from tracer_ray.data.date_orders import date_order
from tracer_ray.data.matching import planned_from
from tracer_ray.data.spelling import fold
from tracer_ray.data.values import BoolArray, parse
from tracer_ray.metrics import metric

_GIVEN_AWAY = 0.995  # area under the ROC curve
_MISTAKEN_SHARE = 0.02  # of the rarer outcome
_FEWEST_OF_EACH = 30
_MOST_VALUES = 50


@dataclass(frozen=True)
class Suspect:
    """A raw column that is not to be used, and why; a declared one is left out by itself."""

    name: str
    reason: str
    is_declared: bool


def suspects(blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> tuple[Suspect, ...]:
    """The declared leaks that are there, and the columns that alone tell the outcome."""
    declared = {fold(name): leak.reason for leak in blueprint.leaks for name in leak.names}
    outcomes = {each.source for each in mapping.found if each.column.role is Role.OUTCOME}
    known = [
        Suspect(name, declared[fold(name)], is_declared=True)
        for name in table.column_names
        if fold(name) in declared and name not in outcomes
    ]
    flags = _outcome(blueprint, mapping, table)
    if flags is None or not blueprint.extra_columns_known:
        return tuple(known)
    is_decided = pc.is_valid(flags)  # what is open yet has no outcome to be told
    outcome = np.asarray(pc.equal(flags.filter(is_decided), 1.0))
    table = table.filter(is_decided)
    used = {each.source for each in mapping.found if each.column.role is not Role.KNOWN}
    free = [name for name in table.column_names if name not in used and fold(name) not in declared]
    tell = [name for name in free if gives_away(table[name], outcome)]
    return (*known, *(Suspect(name, "it alone tells the outcome", False) for name in tell))


def gives_away(values: pa.ChunkedArray, outcome: BoolArray) -> bool:
    """Whether a column alone parts the outcomes almost wholly; shape [rows] of both.

    Its order does (AUC), or its few values do, or merely that it is filled in.

    >>> left = np.arange(100) % 2 == 0
    >>> reasons = pa.chunked_array([["moved" if gone else None for gone in left.tolist()]])
    >>> gives_away(reasons, left), gives_away(pa.chunked_array([list(range(100))]), left)
    (True, False)
    """
    if min(outcome.sum(), (~outcome).sum()) < _FEWEST_OF_EACH:
        return False
    numbers = parse(values, Kind.NUMBER)
    if not numbers.is_bad.any() and not numbers.values.null_count:
        ranks = numbers.values.to_numpy(zero_copy_only=False)
        area = metric("auc").score(outcome.astype(np.float64), ranks)
        return max(area, 1.0 - area) >= _GIVEN_AWAY
    shown = pc.fill_null(parse(values, Kind.CATEGORY).values, "")
    encoded = shown.dictionary_encode()
    if len(encoded.dictionary) > _MOST_VALUES:
        encoded = pc.equal(shown, "").dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    rows, with_it = np.bincount(codes), np.bincount(codes, outcome)
    mistaken = float(np.minimum(with_it, rows - with_it).sum())
    return mistaken <= _MISTAKEN_SHARE * float(min(outcome.sum(), (~outcome).sum()))


def _outcome(blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> pa.Array | None:
    """The outcomes of the only target that is a flag, 1.0 or 0.0; None where none is sure."""
    found = mapping.of(blueprint.targets[0].columns[0])
    if found is None or found.problem or found.column.kind is not Kind.FLAG:
        return None
    return _flags(found, table)


def _flags(found: Found, table: pa.Table) -> pa.Array:
    planned = replace(planned_from(found.column, found.source), told_by=found.told_by)
    if planned.overrun:
        came, plan = (date_order(table[name]) for name in (found.source, found.told_by))
        orders = (came or DateOrder.YEAR_FIRST, plan or DateOrder.YEAR_FIRST)
        planned = replace(planned, overrun=replace(planned.overrun, date_orders=orders))
        return planned.beside(planned.read(table[found.source]).values, table).values
    return planned.worded(planned.read(table[found.source]).values)
