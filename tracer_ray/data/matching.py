"""Which raw column is which: a blueprint's columns among the names that a file has."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from math import nan

from tracer_ray.blueprint import Blueprint, Column, Kind, Overrun, Pair, Role, Sides, Wording
from tracer_ray.data.clock_minutes import UNIT as CLOCK_UNIT
from tracer_ray.data.schema import Missing, Plan, PlannedColumn
from tracer_ray.data.spelling import fold
from tracer_ray.errors import SchemaError

_PLAIN_IDS = ("id", "key")  # a `number` may be how many there are
_NUMBER_SIGN = "#"
OPPONENT = "opponent_"
RESULT = "_result"  # the planned column that holds a match's raw result
SCORELINE = "_scoreline"  # the one that holds both scores
RESULTS = (RESULT, SCORELINE)  # both are known afterwards
VENUE = "_venue"  # the one that holds where its first side plays


def match(
    blueprint: Blueprint, names: Sequence[str], mapping: Mapping[str, str] | None = None
) -> Plan:
    """Find a blueprint's columns among raw names, by own name first, then in alias order.

    `mapping` (canonical to raw name) overrides. What is missing is told in the plan; whether that
    is an error is for the caller (`refuse_missing`).

    Raises SchemaError where the mapping names a column that the blueprint does not have.
    """
    search = _Search(tuple(names), dict(mapping or {}))
    if blueprint.sides:
        plan = _match_match(blueprint, blueprint.sides, search)
    else:
        plan = _match_rows(blueprint.columns, search)
    known = {column.name for column in plan.columns} | set(plan.absent)
    known |= {blueprint.sides.won} if blueprint.sides else set()
    for name in (mapping or {}).keys() - known - {each.name for each in plan.missing}:
        close = ", ".join(get_close_matches(name, sorted(known), n=3, cutoff=0.0))
        raise SchemaError(
            f"mapping: {blueprint.id} has no column {name!r} to map; closest are {close}"
        )
    return plan


def refuse_missing(blueprint: Blueprint, plan: Plan, names: Sequence[str], source: str) -> None:
    """Raise SchemaError naming each missing column, the names tried and the closest present."""
    if not plan.missing:
        return
    lines = "; ".join(_explanation(missing, names) for missing in plan.missing)
    raise SchemaError(
        f"{source}: {lines}. Rename a column, or map it: "
        f"{plan.missing[0].name}=<your column> (blueprint {blueprint.id})"
    )


def without_outcomes(blueprint: Blueprint, plan: Plan) -> Plan:
    """The same plan where outcomes need not be there: rows that are yet to happen."""
    outcomes = {column.name for column in blueprint.columns if column.role is Role.OUTCOME}
    kept = tuple(each for each in plan.missing if each.name not in outcomes)
    return replace(plan, missing=kept)


def _explanation(missing: Missing, names: Sequence[str]) -> str:
    folded = {fold(name): name for name in names}
    close = [
        folded[each]
        for tried in missing.tried
        for each in get_close_matches(fold(tried), folded, n=3, cutoff=0.6)
    ]
    shown = list(dict.fromkeys(close))[:3] or list(names)[:12] or ["no column at all"]
    word = "closest present" if close else "present"
    tried = ", ".join(missing.tried)
    return f"column {missing.name!r} is missing (tried {tried}; {word}: {', '.join(shown)})"


class _Search:
    """Looks names up among the raw ones; an exact spelling comes before an equal folding."""

    def __init__(self, names: tuple[str, ...], mapping: dict[str, str]) -> None:
        self.names = names
        self.mapping = mapping
        self.folded: dict[str, str] = {}
        for name in names:
            self.folded.setdefault(fold(name), name)
        self.notes: list[str] = []

    def find(self, canonical: str, accepted: Sequence[str]) -> str:
        """The raw name for a column, "" where there is none; notes the ones passed over."""
        if canonical in self.mapping:
            accepted = (self.mapping[canonical],)
        found = list(dict.fromkeys(filter(None, map(self._present, accepted))))
        if len(found) > 1:
            others = ", ".join(repr(each) for each in found[1:])
            self.notes.append(f"{canonical}: read from {found[0]!r}, not from {others}")
        return found[0] if found else ""

    def find_pair(self, pair: Pair) -> tuple[str, str]:
        """The raw names for both sides; names that stand at the same place belong together."""
        first_names = (pair.column, *pair.first)
        second_names = (OPPONENT + pair.column, *pair.second)
        if not {pair.column, OPPONENT + pair.column} & self.mapping.keys():
            for first, second in zip(first_names, second_names, strict=False):
                if self._present(first) and self._present(second):
                    return self._present(first), self._present(second)
        return (
            self.find(pair.column, first_names),
            self.find(OPPONENT + pair.column, second_names),
        )

    def _present(self, name: str) -> str:
        return name if name in self.names else self.folded.get(fold(name), "")


def planned_from(column: Column, source: str) -> PlannedColumn:
    """How a raw column that says a column, plainly or in another way, is read; "" is none."""
    wording = wording_of(column, source)
    is_outcome = column.role is Role.OUTCOME  # not known yet: a row without one is history too
    must_have_value = column.role is Role.TIME or (column.required and not is_outcome)
    return PlannedColumn(
        name=column.name,
        kind=column.kind,
        source=source,
        is_required=must_have_value,
        minimum=column.minimum,
        maximum=column.maximum,
        wording=wording,
        words=words_of_flag(column, wording),
        date_order=column.date_order,
        is_count=is_counted(column, source),
        is_clock=column.kind is Kind.NUMBER and is_outcome and column.unit == CLOCK_UNIT,
        way=column.way if _goes_one_way(column, source) else None,
        overrun=_overrun_of(column, source),
    )


def words_of_flag(column: Column, wording: Wording | None) -> dict[str, float]:
    """What raw values other than yes and no say a flag: its statuses, own names and opposites.

    A column `late` may hold `late` and `on time`. The words are folded, and NaN says that it can't
    be told yet; none where only one of the two can be said.

    >>> late = Column("late", Kind.FLAG, Role.OUTCOME, "", wordings=(Wording(("on_time",)),))
    >>> words_of_flag(late, None), words_of_flag(late, late.wordings[0])
    ({'ontime': 0.0, 'late': 1.0}, {'ontime': 1.0, 'late': 0.0})
    """
    said = column.statuses
    if not (opposites(column) or said.no) or (wording is not None and not wording.is_opposite):
        return {}
    yes = 1.0 if wording is None else 0.0
    words = dict.fromkeys(map(fold, opposites(column)), 1.0 - yes)
    words |= dict.fromkeys(map(fold, column.names), yes)  # of which a status may say otherwise
    words |= dict.fromkeys(map(fold, said.no.split()), 1.0 - yes)
    words |= dict.fromkeys(map(fold, said.yes.split()), yes)
    return words | dict.fromkeys(map(fold, said.open.split()), nan)


def opposites(column: Column) -> tuple[str, ...]:
    """The raw names that say the opposite of a flag."""
    return tuple(name for each in column.wordings if each.is_opposite for name in each.names)


def all_names(column: Column) -> tuple[str, ...]:
    """Every raw name that says the column, plainly or in another way."""
    return (*column.names, *other_names(column))


def other_names(column: Column) -> tuple[str, ...]:
    """Every raw name that says the column in another way, alone or beside a second one."""
    return (*_single_names(column), *(name for each in column.overruns for name in each.names))


def _single_names(column: Column) -> tuple[str, ...]:
    """Raw names that say the column without a second one: worded, counted, or going one way."""
    worded = (name for wording in column.wordings for name in wording.names)
    return (*worded, *column.counted_by, *(column.way.amounts if column.way else ()))


def names_beside(column: Column) -> tuple[str, ...]:
    """Every raw name of a second column that tells what a first one says of the column."""
    plans = (name for each in column.overruns for name in each.planned)
    return (*plans, *(column.way.told_by if column.way else ()))


def wording_of(column: Column, source: str) -> Wording | None:
    """The wording by which a raw column says a flag; None where it says it plainly."""
    said = (each for each in column.wordings if fold(source) in map(fold, each.names))
    return next(said, None) if source else None


def is_counted(column: Column, source: str) -> bool:
    """Whether a raw column names the things that the column is a number of."""
    is_told = bool(column.counted_by) and is_plain_id(source)  # by no name of its own
    return is_told or fold(source) in map(fold, column.counted_by)


def is_plain_id(source: str) -> bool:
    """Whether a raw column numbers the things that a file is of, and says not what they are.

    >>> is_plain_id("Id"), is_plain_id("#"), is_plain_id("customer_id"), is_plain_id("")
    (True, True, False, False)
    """
    return source.strip() == _NUMBER_SIGN or fold(source) in _PLAIN_IDS


def _goes_one_way(column: Column, source: str) -> bool:
    """Whether a raw column holds payments of which the column is one way."""
    if column.way is None or fold(source) in map(fold, column.names):
        return False
    return fold(source) in map(fold, column.way.amounts)


def _overrun_of(column: Column, source: str) -> Overrun | None:
    """The overrun of which a raw column is what came; None where it says the column by itself."""
    if fold(source) in map(fold, (*column.names, *_single_names(column))):
        return None
    found = (each for each in column.overruns if fold(source) in map(fold, each.names))
    return next(found, None)


def _found(column: Column, search: _Search) -> PlannedColumn:
    """The column from a raw one that says it, plainly before in another way."""
    source = search.find(column.name, (*column.names, *_single_names(column)))
    for overrun in () if source else column.overruns:
        came = search.find(column.name, overrun.names)
        plan = search.find(f"plan of {column.name}", overrun.planned) if came else ""
        if plan:
            return replace(planned_from(column, came), told_by=plan)
    planned = planned_from(column, source)
    if planned.overrun:  # the user says so
        plan = search.find(f"plan of {column.name}", planned.overrun.planned)
        return replace(planned, told_by=plan, overrun=planned.overrun if plan else None)
    if planned.way is None:
        return planned
    told_by = search.find(f"way of {column.name}", planned.way.told_by)
    return replace(planned, told_by=told_by)


def match_columns(
    columns: Sequence[Column], names: Sequence[str], mapping: Mapping[str, str]
) -> Plan:
    """Find columns among raw names, as `match` finds a blueprint's; nothing is refused."""
    return _match_rows(columns, _Search(tuple(names), dict(mapping)))


def _match_rows(columns: Sequence[Column], search: _Search) -> Plan:
    return _plan(columns, [_found(each, search) for each in columns], search, {})


def _plan(
    columns: Sequence[Column],
    planned: Sequence[PlannedColumn],
    search: _Search,
    tried: Mapping[str, tuple[str, ...]],
) -> Plan:
    """Tell what was found from what was not; the latter is missing or merely absent."""
    by_name = {column.name: column for column in columns}
    lost = [by_name[each.name] for each in planned if not each.source]
    return Plan(
        columns=tuple(planned),
        missing=tuple(
            Missing(each.name, tried.get(each.name, each.names)) for each in lost if each.required
        ),
        absent=tuple(each.name for each in lost if not each.required),
        notes=tuple(search.notes),
        required=sum(column.required for column in columns),
    )


def _match_match(blueprint: Blueprint, sides: Sides, search: _Search) -> Plan:
    """The plan of rows in which two sides meet, from the first side's view."""
    paired = _find_pairs(sides, search)
    first = fold(paired[sides.pairs[0].column][0])
    is_winner_first = bool(first) and first in map(fold, sides.winner_first)
    is_winner_first = is_winner_first and sides.won not in search.mapping
    has_scores = bool(sides.score) and bool(paired[sides.score][0])
    result = "" if is_winner_first else _find_result(sides, search)
    both = "" if has_scores or is_winner_first else search.find(SCORELINE, sides.scorelines)
    planned = []
    for column in blueprint.columns:
        if column.name not in (sides.won, sides.home):
            source, _ = paired.get(column.name) or (search.find(column.name, column.names), ())
            planned.append(planned_from(column, source))
    plan = _plan(
        blueprint.columns, planned, search, {name: tried for name, (_, tried) in paired.items()}
    )
    has_outcome = result or both or is_winner_first or sides.score in plan.mapping
    tried = (sides.won, *sides.result, *sides.scorelines, *sides.winner_first)
    unknown = Missing(sides.won, tried)
    made = (sides.score, OPPONENT + sides.score) if both else ()
    return replace(
        plan,
        columns=(
            *plan.columns,
            PlannedColumn(RESULT, Kind.CATEGORY, result),
            PlannedColumn(SCORELINE, Kind.CATEGORY, both),
            PlannedColumn(VENUE, Kind.CATEGORY, search.find(VENUE, sides.home_told_by)),
        ),
        missing=plan.missing if has_outcome else (*plan.missing, unknown),
        absent=tuple(name for name in plan.absent if name not in made),
        winner_first=is_winner_first,
        home=1.0 if first and first in map(fold, sides.home_first) else 0.0,
    )


def _find_pairs(sides: Sides, search: _Search) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The raw name and the names tried, for both columns of each pair; a half pair is none."""
    found = {}
    for pair in sides.pairs:
        first, second = search.find_pair(pair)
        is_whole = bool(first and second) or pair is sides.pairs[0]
        tried = (pair.column, *pair.first), (OPPONENT + pair.column, *pair.second)
        found[pair.column] = (first if is_whole else "", tried[0])
        found[OPPONENT + pair.column] = (second if is_whole else "", tried[1])
    return found


def _find_result(sides: Sides, search: _Search) -> str:
    """The raw column that says who won; one that names the winner stands beside two sides."""
    return search.find(sides.won, (sides.won, *sides.result)) or search.find(
        sides.won, sides.winner_first
    )
