"""The fields of a request: the names a user may give, what they mean, and which must be there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

from tracer_ray.blueprint import Blueprint, Column, Kind, Role
from tracer_ray.data.matching import (
    OPPONENT,
    RESULTS,
    all_names,
    match,
    names_beside,
    without_outcomes,
)
from tracer_ray.data.schema import Plan
from tracer_ray.data.spelling import fold
from tracer_ray.errors import RequestError

TARGET, LINE, OVER_ODDS, UNDER_ODDS = "target", "line", "over_odds", "under_odds"
RECENT, FUTURE, EXPLAIN = "recent", "future", "explain"
EXPLANATION = "explanation"  # what the answer has for it
COST = "cost"
TARGET_ALIAS = "stat"
LARGEST = 1e12
_ROWS = "rows"
_FORGIVEN = (Role.TIME, Role.ROW)  # the time is now unless told; nothing reads a row's id


@dataclass(frozen=True)
class RequestField:
    """One field: its name, other accepted names, and how its values are read."""

    name: str
    kind: str
    description: str
    unit: str = ""
    aliases: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True)
class RequestFields:
    """The fields that requests to one release may have."""

    blueprint: Blueprint
    targets: tuple[str, ...]

    @cached_property
    def fields(self) -> tuple[RequestField, ...]:
        """Every field, the columns first."""
        controls = self._controls()
        taken = {control.name for control in controls}
        columns = [each for each in _column_fields(self.blueprint) if each.name not in taken]
        return (*columns, *controls)

    @cached_property
    def controls(self) -> dict[str, str]:
        """The folded names of what is asked about the row, with their own names."""
        return {
            fold(name): field.name
            for field in self._controls()
            for name in (field.name, *field.aliases)
        }

    @cached_property
    def _known(self) -> dict[str, str]:
        named = {fold(name): name for field in self.fields for name in (field.name, *field.aliases)}
        return {**{fold(name): "" for name in _outcome_names(self.blueprint)}, **named}

    def accepts(self, name: str) -> bool:
        """Whether a field of that name is read, or is an outcome: accepted and not read.

        >>> from tracer_ray.archive import blueprint
        >>> fields = RequestFields(blueprint("player_props"), ("points",))
        >>> fields.accepts("Player ID"), fields.accepts("points"), fields.accepts("playr")
        (True, True, False)
        """
        return fold(name) in self._known

    def plan(self, names: Sequence[str]) -> Plan:
        """How rows of these columns are read; RequestError for an unknown or missing field."""
        for name in names:
            if not self.accepts(name):
                raise RequestError(self._unknown(name))
        plan = without_outcomes(self.blueprint, match(self.blueprint, names))
        self._refuse_missing(plan)
        self._refuse_half_pairs(plan, names)
        outcomes = {each.name for each in self.blueprint.columns if each.role is Role.OUTCOME}
        forgiven = self._forgiven(plan)
        read = tuple(
            replace(each, is_required=each.is_required and each.name not in forgiven)
            for each in plan.columns
            if each.name not in outcomes | {*RESULTS}
        )
        return bounded(replace(plan, columns=read))

    def _controls(self) -> tuple[RequestField, ...]:
        known = ", ".join(self.targets)
        is_single = len(self.targets) == 1
        asked = RequestField(
            TARGET, "text", f"one of {known}", "", (TARGET_ALIAS,), is_required=not is_single
        )
        recent = RequestField(RECENT, _ROWS, "rows newer than the release, outcomes included")
        period = self.blueprint.period
        said = f"what is known of coming {period}s, each with its {period}"
        future = RequestField(FUTURE, _ROWS, said)
        explain = RequestField(
            EXPLAIN, "flag", "true for an explanation, false for no reasons at all"
        )
        own: tuple[RequestField, ...] = (explain,)
        if self.blueprint.entity and self.blueprint.time:
            own = (explain, recent)
        if self.blueprint.horizon_steps:
            own = (explain, recent, future)
        own = (*_cost_fields(self.blueprint), *own)
        if not self.blueprint.takes_line:
            return (asked, *own)
        odds = "(American such as -110, or decimal such as 1.91); -110 where absent"
        line = RequestField(LINE, "number", "the value to go over or stay under")
        if not self.blueprint.takes_odds:
            return (asked, line, *own)
        return (
            asked,
            line,
            RequestField(OVER_ODDS, "number", f"odds of going over {odds}"),
            RequestField(UNDER_ODDS, "number", f"odds of staying under {odds}"),
            *own,
        )

    def _unknown(self, name: str) -> str:
        shown = name[:60]
        leaks = {fold(each): leak for leak in self.blueprint.leaks for each in leak.names}
        if fold(name) in leaks:
            return f"field {shown!r} is never used: {leaks[fold(name)].reason}; leave it out"
        close = get_close_matches(fold(shown), self._known, n=3, cutoff=0.6)
        names = [self._known[each] for each in close if self._known[each]]
        hint = (
            f"closest are {', '.join(names)}"
            if names
            else "known are " + ", ".join(field.name for field in self.fields)
        )
        return f"unknown field {shown!r}; {hint}"

    def _refuse_missing(self, plan: Plan) -> None:
        lost = [each for each in plan.missing if each.name not in self._forgiven(plan)]
        if not lost:
            return
        by_name = {field.name: field for field in self.fields}
        field = next(by_name[name] for name in lost[0].tried if name in by_name)
        label, entity = self.blueprint.role(Role.LABEL), self.blueprint.entity
        is_named = label and entity and lost[0].name == entity.name
        instead = f" (or {label.name!r})" if label and is_named else ""
        raise RequestError(f"field {field.name!r}{instead} is missing: {field.description}")

    def _refuse_half_pairs(self, plan: Plan, names: Sequence[str]) -> None:
        if self.blueprint.sides is None:
            return
        for pair in self.blueprint.sides.pairs:
            either = {fold(each) for each in (*pair.first, *pair.second)}
            given = [name for name in names if fold(name) in either]
            if given and pair.column not in plan.mapping:
                raise RequestError(
                    f"field {given[0]!r} stands alone; give it for both sides: "
                    f"{pair.first[0]} and {pair.second[0]}"
                )

    def _forgiven(self, plan: Plan) -> set[str]:
        """The columns that need not be there, among them the entity where its label is."""
        columns, response = self.blueprint.columns, self.blueprint.response
        has_label = any(c.role is Role.LABEL and c.name in plan.mapping for c in columns)
        roles = (*_FORGIVEN, Role.ENTITY) if has_label else _FORGIVEN
        forgiven = {column.name for column in columns if column.role in roles}
        return forgiven | ({response.price} if response else set())


def bounded(plan: Plan) -> Plan:
    """The plan with bounds for every number: features are float32, and nobody means 1e300."""
    return replace(
        plan,
        columns=tuple(
            replace(
                each,
                minimum=-LARGEST if each.minimum is None else each.minimum,
                maximum=LARGEST if each.maximum is None else each.maximum,
            )
            if each.kind is Kind.NUMBER
            else each
            for each in plan.columns
        ),
    )


def _column_fields(blueprint: Blueprint) -> tuple[RequestField, ...]:
    paired: dict[str, tuple[str, ...]] = {}
    filled: set[str] = set()
    if blueprint.sides:
        filled = {blueprint.sides.home}
        for pair in blueprint.sides.pairs:
            paired[pair.column] = (*pair.first, pair.column)
            paired[OPPONENT + pair.column] = (*pair.second, OPPONENT + pair.column)
    columns = [
        column
        for column in blueprint.columns
        if column.role is not Role.OUTCOME and column.name not in filled
    ]
    steps, period = blueprint.horizon_steps, blueprint.period
    ahead = f"all of the next {steps} {period}s where absent"
    when_absent = ahead if steps else "now where absent"
    fields = tuple(_column_field(each, paired.get(each.name), when_absent) for each in columns)
    return (*fields, *_venue_field(blueprint))


def _venue_field(blueprint: Blueprint) -> tuple[RequestField, ...]:
    """Where the first side plays, which data may say in a column of its own."""
    if not blueprint.sides or not blueprint.sides.home_told_by:
        return ()
    name, *aliases = blueprint.sides.home_told_by
    return (RequestField(name, "text", "home or away, of the first side", "", tuple(aliases)),)


def _column_field(column: Column, names: tuple[str, ...] | None, when_absent: str) -> RequestField:
    own, *aliases = names or column.names
    description = column.description
    if column.role is Role.TIME:
        description += f"; {when_absent}"
    return RequestField(
        own,
        "text" if column.kind is Kind.CATEGORY else column.kind.value,
        description,
        column.unit,
        tuple(aliases),
        column.required and column.role not in _FORGIVEN,
    )


def _cost_fields(blueprint: Blueprint) -> tuple[RequestField, ...]:
    """The cost of one unit, where a price is judged; the data need not have one."""
    cost = blueprint.response.cost if blueprint.response else ""
    if not cost:
        return ()
    names = next((each.names for each in blueprint.columns if each.name == cost), (cost,))
    aliases = tuple(name for name in names if name != COST)
    told = "cost of one unit; the newest known one where absent"
    return (RequestField(COST, "number", told, "money", aliases),)


def _outcome_names(blueprint: Blueprint) -> list[str]:
    known_after = [each for each in blueprint.columns if each.role is Role.OUTCOME]
    names = [name for each in known_after for name in (*all_names(each), *names_beside(each))]
    if blueprint.sides:
        names += (*blueprint.sides.result, *blueprint.sides.scorelines)
        outcomes = {each.name for each in known_after}
        for pair in blueprint.sides.pairs:
            names += (*pair.first, *pair.second) if pair.column in outcomes else ()
    return names
