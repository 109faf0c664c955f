"""Reading requests: mappings from anywhere become questions in one table, or errors.

Values are read by the validator that reads files. Requests are read in groups of equal fields and
types, so that what one of them says never changes how another one is read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from math import nan

import numpy as np
import pyarrow as pa

from tracer_ray.blueprint import Role
from tracer_ray.data.matching import OPPONENT
from tracer_ray.data.schema import Plan, normalise, raw_table
from tracer_ray.data.sides import decide
from tracer_ray.data.spelling import fold
from tracer_ray.errors import RequestError
from tracer_ray.prediction.betting import ASSUMED_ODDS, decimal_odds
from tracer_ray.prediction.request_fields import (
    COST,
    EXPLAIN,
    LARGEST,
    LINE,
    OVER_ODDS,
    RECENT,
    TARGET,
    UNDER_ODDS,
    RequestFields,
)

Request = Mapping[str, object]

MOST_RECENT_ROWS = 200
_KEPT_PLANS = 512
_KEPT_NAMES = 4096
_INT64 = 2**63
_LONGEST_TEXT = 1000
_SHOWN = 60
_SWITCH = {
    **dict.fromkeys(("true", "yes", "1", "1.0"), True),
    **dict.fromkeys(("false", "no", "0", "0.0"), False),
}


@dataclass(frozen=True)
class Controls:
    """What is asked about a row: the target ("" for the only one), a line, its odds, new rows.

    `cost` is that of one unit, where a price is judged. With `explain` the answer has an
    explanation, without it no reasons at all; unset it has what the blueprint declares.
    """

    target: str = ""
    line: float | None = None
    over_odds: float | None = None
    under_odds: float | None = None
    recent: tuple[Request, ...] = ()
    cost: float | None = None
    explain: bool | None = None


@dataclass(frozen=True)
class Reading:
    """What a batch of requests says: the readable ones as rows, and the errors of the others.

    `table` has a row per request with the blueprint's columns that are no outcome (of the first
    side's view, where two sides meet); `positions` says which request each one is; `errors` are by
    position.
    """

    table: pa.Table
    positions: tuple[int, ...]
    controls: tuple[Controls, ...]
    errors: Mapping[int, RequestError]


@dataclass(frozen=True)
class RequestReader:
    """Reads requests to one release; `owner_of` gives the owner behind a key or label (or null)."""

    fields: RequestFields
    owner_of: Callable[..., str]

    def read(self, requests: Sequence[Request]) -> Reading:
        """Every request that makes sense, and the errors of the others."""
        errors: dict[int, RequestError] = {}
        controls: dict[int, Controls] = {}
        groups: dict[tuple[tuple[str, type], ...], dict[int, Request]] = {}
        for position, request in enumerate(requests):
            try:
                row, controls[position] = self._part(request)
            except RequestError as error:
                errors[position] = error
                continue
            kinds = tuple((name, type(value)) for name, value in row.items())
            groups.setdefault(kinds, {})[position] = row
        tables, positions = [], []
        for rows in groups.values():
            table, good = self._read_group(rows, errors)
            tables += [table] if good else []
            positions += good
        return Reading(
            pa.concat_tables(tables) if tables else pa.table({}),
            tuple(positions),
            tuple(controls[position] for position in positions),
            errors,
        )

    @cached_property
    def _plan(self) -> Callable[[tuple[str, ...]], Plan]:
        return lru_cache(_KEPT_PLANS)(self.fields.plan)

    @cached_property
    def _control(self) -> Callable[[str], str | None]:
        return lru_cache(_KEPT_NAMES)(lambda name: self.fields.controls.get(fold(name)))

    def _part(self, request: Request) -> tuple[Request, Controls]:
        """The row's own fields with plain values, and what is asked about it."""
        if not isinstance(request, Mapping):
            raise RequestError(f"expected an object of fields, got {_shown(request)}")
        row: dict[str, object] = {}
        asked: dict[str, object] = {}
        for name, value in request.items():
            control = self._control(name)
            if value is not None and control:
                asked[control] = value
            elif value is not None:
                row[name] = plain(name, value)
        if not row:
            raise RequestError("no field of the row is given")
        return row, _controls(asked)

    def _read_group(
        self, rows: Mapping[int, Request], errors: dict[int, RequestError]
    ) -> tuple[pa.Table, list[int]]:
        """The rows of one set of fields; adds the errors of those that can't be read."""
        positions = list(rows)
        try:
            plan = self._plan(tuple(rows[positions[0]]))
        except RequestError as error:
            errors.update(dict.fromkeys(positions, error))
            return pa.table({}), []
        read = normalise(raw_table(list(rows.values())), plan)
        bad = zip(read.bad["position"].to_pylist(), read.bad["reason"].to_pylist(), strict=True)
        errors.update({positions[row]: RequestError(f"field {why}") for row, why in bad})
        good = [positions[row] for row in read.positions.tolist()]
        table = self.with_owners(read.good)
        sides = self.fields.blueprint.sides
        if sides is None or not good:
            return table, good
        decided = decide(table, sides, plan)
        problems = dict(zip(good, decided.problems, strict=True))
        errors.update({row: RequestError(why) for row, why in problems.items() if why})
        is_kept = pa.array([not why for why in decided.problems])
        return decided.table.filter(is_kept), [row for row in good if not problems[row]]

    def with_owners(self, table: pa.Table) -> pa.Table:
        """The table with the owners behind keys and labels; an unknown name stays."""
        blueprint = self.fields.blueprint
        if blueprint.entity is None:
            return table
        name, label = blueprint.entity.name, blueprint.role(Role.LABEL)
        given = [table[each].to_pylist() for each in (name, label.name if label else name)]
        table = _replaced(
            table, name, [self.owner_of(*names) for names in zip(*given, strict=True)]
        )
        if blueprint.sides is None:
            return table
        other = OPPONENT + blueprint.sides.pairs[0].column
        return _replaced(table, other, [self.owner_of(each) for each in table[other].to_pylist()])


def plain(name: str, value: object) -> object:
    """A value as one of the types that rows are read from: bool, int, float or text.

    Raises RequestError for anything that holds other values, and for text that is no Unicode.
    """
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, bool | float) or (isinstance(value, int) and -_INT64 <= value < _INT64):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
        raise RequestError(f"field {name!r}: expected one value, got {_shown(value)}")
    text = str(value)
    if len(text) > _LONGEST_TEXT or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise RequestError(f"field {name!r}: expected Unicode text of at most {_LONGEST_TEXT}")
    return text


def _controls(asked: Mapping[str, object]) -> Controls:
    target = asked.get(TARGET, "")
    if not isinstance(target, str):
        raise RequestError(f"field {TARGET!r}: expected a name, got {_shown(target)}")
    line, over, under = (_number(name, asked.get(name)) for name in (LINE, OVER_ODDS, UNDER_ODDS))
    for name, odds in ((OVER_ODDS, over), (UNDER_ODDS, under)):
        try:
            decimal_odds(odds if odds is not None else ASSUMED_ODDS)
        except RequestError as error:
            raise RequestError(f"field {name!r}: {error}") from error
    cost = _number(COST, asked.get(COST))
    if cost is not None and cost < 0.0:
        raise RequestError(f"field {COST!r}: expected a cost of at least 0, got {cost:g}")
    recent = request_rows(RECENT, asked.get(RECENT, ()))
    explain = None if asked.get(EXPLAIN) is None else is_set(EXPLAIN, asked[EXPLAIN])
    return Controls(target, line, over, under, recent, cost, explain)


def is_set(name: str, value: object) -> bool:
    """Whether a switch is on; RequestError for what is neither true nor false.

    >>> is_set("explain", True), is_set("explain", "no"), is_set("explain", 1.0)
    (True, False, True)
    """
    said = _SWITCH.get(str(value).casefold())
    if said is None:
        raise RequestError(f"field {name!r}: expected true or false, got {_shown(value)}")
    return said


def _number(name: str, value: object) -> float | None:
    if value is None:
        return None
    try:
        number = nan if isinstance(value, bool) else float(str(value))
    except ValueError:
        number = nan
    if not abs(number) <= LARGEST:
        raise RequestError(f"field {name!r}: expected a number, got {_shown(value)}")
    return number


def request_rows(name: str, value: object) -> tuple[Request, ...]:
    """The rows given in a field of that name; RequestError for anything else, or too many."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise RequestError(f"field {name!r}: expected a list of rows, got {_shown(value)}")
    if len(value) > MOST_RECENT_ROWS:
        raise RequestError(f"field {name!r}: {len(value)} rows; {MOST_RECENT_ROWS} at most")
    for row in value:
        if not isinstance(row, Mapping):
            raise RequestError(f"field {name!r}: expected rows, got {_shown(row)} among them")
    return tuple(value)


def _replaced(table: pa.Table, name: str, values: Sequence[str]) -> pa.Table:
    place = table.column_names.index(name)
    return table.set_column(place, name, pa.array(values, pa.string()))


def _shown(value: object) -> str:
    """A value in an error, cut where it is long.

    >>> _shown("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."
    """
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
