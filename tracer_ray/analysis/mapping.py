"""Which raw column fills which column of a blueprint: by name, by wording, and by its values."""

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace

from tracer_ray.analysis.date_columns import spoken
from tracer_ray.analysis.fitting_values import is_in_own_words, is_in_words, problem_of
from tracer_ray.analysis.names import (
    Certainty,
    likeness,
    says_something,
    without_span,
    without_window,
    words_of,
)
from tracer_ray.analysis.payments import way_problem
from tracer_ray.analysis.profile import ColumnProfile, Profile
from tracer_ray.blueprint import Blueprint, Column, Events, Kind, Role
from tracer_ray.data.matching import (
    is_plain_id,
    match,
    match_columns,
    opposites,
    other_names,
    planned_from,
    wording_of,
    words_of_flag,
)
from tracer_ray.data.schema import Plan, PlannedColumn
from tracer_ray.data.spelling import fold

GENERIC_OUTCOMES = ("target", "label", "class", "outcome", "response", "y", "flag")
_TRADED = frozenset(words_of("open high low volume"))
_PLAIN_TIMES = frozenset(words_of("date time datetime timestamp day"))
STATUSES = frozenset(words_of("status state stage result outcome disposition reason resolution"))
_MEASURES = frozenset(words_of("days hours minutes weeks months years percent ratio share"))
_MOST_OPTIONS = 3
_FEWEST_OF_A_THING = 3  # columns: its id, its time, and something about it


@dataclass(frozen=True)
class Found:
    """A column of the blueprint and the raw one for it; `problem` says why its values don't fit.

    `options` are other raw columns that might be meant, where it is not sure; of payments that go
    either way, `told_by` is the raw column that says which; `is_only` says that the data set has
    nothing else that it could be.
    """

    column: Column
    source: str
    certainty: Certainty
    problem: str = ""
    options: tuple[str, ...] = ()
    told_by: str = ""
    is_only: bool = False

    @property
    def is_used(self) -> bool:
        """Whether it is taken without asking."""
        return self.certainty.is_sure and not self.problem

    @property
    def is_misnamed(self) -> bool:
        """Whether it bears an optional column's name and is something else: best left out."""
        return (
            bool(self.problem)
            and self.column.role is not Role.OUTCOME
            and not (self.column.required)
        )


@dataclass(frozen=True)
class Mapping:
    """What a data set has of a blueprint; `missing` are required columns that nothing stands for.

    `has_outcome` says that at least one target can be made, from sure or doubtful columns.
    """

    found: tuple[Found, ...]
    missing: tuple[str, ...]
    has_outcome: bool

    @property
    def to_apply(self) -> dict[str, str]:
        """The sure columns that the declared names alone do not find: canonical to raw name."""
        return {
            each.column.name: each.source
            for each in self.found
            if each.is_used and each.certainty is not Certainty.NAME
        }

    @property
    def to_ask(self) -> tuple[Found, ...]:
        """The doubtful ones, which only the user can decide."""
        return tuple(each for each in self.found if not each.certainty.is_sure)

    def of(self, name: str) -> Found | None:
        """What was found for a column of the blueprint."""
        return next((each for each in self.found if each.column.name == name), None)


def find_mapping(blueprint: Blueprint, profile: Profile, told: Dictionary[str, str]) -> Mapping:
    """Fill a blueprint's columns from a profile, sure names first; no raw column is used twice.

    What the user has `told` (canonical to raw name) is taken as it is.
    """
    mine = _told_here(blueprint.columns, profile, told)
    plan = match(blueprint, profile.names, mine)
    found = [
        each if each.column.name in mine else _by_status(each, profile)
        for each in _by_name(blueprint.columns, profile, plan)
    ]
    missing = [
        each
        for each in blueprint.columns
        if each.name not in _names(found) and (not blueprint.sides or each.role is Role.TIME)
    ]  # the names of sides and scores come in pairs, which only their declared names tell
    found += _counted(missing, profile, set(plan.sources))
    missing = [each for each in missing if each.name not in _names(found)]
    taken = {each.source for each in found}
    found += _in_other_words(missing, profile, taken, _worth_asking(blueprint))
    is_alone = _is_unnamed_series(blueprint, found) and not _is_traded(blueprint, profile)
    found = [
        asked(each) if is_alone and each.column.is_change and each.column.name not in told else each
        for each in found
    ]
    lost = {each.name for each in plan.missing} - _names(found)
    targets = {name for target in blueprint.targets for name in target.columns}
    has_outcome = bool(blueprint.sides and not lost & targets) or _has_target(blueprint, found)
    return Mapping(tuple(found), tuple(sorted(lost)), has_outcome)


def find_events(events: Events, profile: Profile, told: Dictionary[str, str]) -> tuple[Found, ...]:
    """The columns of declared events that a profile has, as `find_mapping` finds those of rows."""
    mine = _told_here(events.columns, profile, told)
    plan = match_columns(events.columns, profile.names, mine)
    found = _by_name(events.columns, profile, plan)
    missing = [each for each in events.columns if each.name not in _names(found)]
    needed = {each.name for each in missing if each.required}
    return (*found, *_in_other_words(missing, profile, set(plan.sources), needed))


def sure_events(
    blueprint: Blueprint, profile: Profile, told: Dictionary[str, str]
) -> dict[str, str]:
    """The sure columns of declared events that go by other names: canonical to raw name."""
    found = (find_events(events, profile, told) for events in blueprint.events)
    applied = (Mapping(each, (), has_outcome=True).to_apply for each in found)
    return {name: raw for each in applied for name, raw in each.items()}


def told_of(columns: Sequence[Column], told: Dictionary[str, str]) -> dict[str, str]:
    """What the user has told of these columns, and not of those of another blueprint."""
    known = {column.name for column in columns}
    return {name: raw for name, raw in told.items() if name in known}


def _told_here(
    columns: Sequence[Column], profile: Profile, told: Dictionary[str, str]
) -> dict[str, str]:
    return {name: raw for name, raw in told_of(columns, told).items() if raw in profile.names}


def _by_name(columns: Sequence[Column], profile: Profile, plan: Plan) -> list[Found]:
    planned = {each.name: each for each in plan.columns if each.source}
    return [_planned(each, planned[each.name], profile) for each in columns if each.name in planned]


def _planned(column: Column, planned: PlannedColumn, profile: Profile) -> Found:
    """A column as the plan reads it, with what stands against that."""
    raw = profile.column(planned.source)
    found = _judged(column, raw, Certainty.NAME)
    if planned.overrun is None and planned_from(column, planned.source).overrun:
        problem = f"{planned.source!r} says {column.name} only beside a column of what was planned"
        return replace(found, problem=problem)
    if planned.overrun:
        problem = _judged_plan(planned, profile.column(planned.told_by))
        return replace(found, problem=found.problem or problem, told_by=planned.told_by)
    if planned.way is None:
        return found
    says = profile.column(planned.told_by) if planned.told_by else None
    problem = found.problem or way_problem(planned.way, raw, says)
    return replace(found, problem=problem, told_by=planned.told_by)


def _by_status(found: Found, profile: Profile) -> Found:
    """A status in place of a time that tells by being there: it also tells what is still open."""
    wording = wording_of(found.column, found.source)
    if wording is None or wording.filled is None:
        return found
    said = [each for each in profile.columns if set(words_of(each.name)) & STATUSES]
    fitting = [each for each in said if is_in_own_words(found.column, each)]
    return Found(found.column, fitting[0].name, Certainty.SPELLING) if len(fitting) == 1 else found


def _judged_plan(planned: PlannedColumn, raw: ColumnProfile) -> str:
    """Why a raw column can't say what was planned; "" where it can."""
    if raw.is_readable(planned.raw_kind):
        return ""
    return raw.note or f"{raw.name!r} is no {planned.raw_kind}: {', '.join(raw.examples[:3])}"


def _is_unnamed_series(blueprint: Blueprint, found: Sequence[Found]) -> bool:
    """Whether rows are nobody's and have no column of the field beside a time and one number.

    A file of days and values may hold temperatures as well as the worth of something.
    """
    others = (each for each in found if each.column.role is not Role.TIME)
    is_alone = all(each.column.is_change or not each.is_used for each in others)
    return blueprint.entity is not None and is_alone


def _is_traded(blueprint: Blueprint, profile: Profile) -> bool:
    """Whether prices stand on days of an exchange only, or beside others of a day's trading.

    The latter says an asset, and less what a portfolio is worth.
    """
    if any(each.is_on_weekdays for each in profile.columns):
        return True
    if all(each.is_change for each in blueprint.columns if each.role is Role.OUTCOME):
        return False
    said = (words_of(each.name) for each in profile.columns if each.kind is Kind.NUMBER)
    beside = {words for words in said if len(words) == 1 and set(words) <= _TRADED}
    return len(beside) >= 2


def asked(found: Found) -> Found:
    """What was found, to be asked for: by its name where that says something."""
    doubtful = Certainty.PART if says_something(found.source) else Certainty.TYPE
    return replace(found, certainty=min(found.certainty, doubtful), options=(found.source,))


def _names(found: Iterable[Found]) -> set[str]:
    return {each.column.name for each in found}


def _has_target(blueprint: Blueprint, found: Sequence[Found]) -> bool:
    return any(set(target.columns) <= _names(found) for target in blueprint.targets)


def _counted(columns: Sequence[Column], profile: Profile, taken: Collection[str]) -> list[Found]:
    """Things that are counted by a plain `Id`: the file is named after them (`Tickets_2024`).

    A number for each day is no id: things that have one have something else beside their time.
    """
    plain = [
        each.name
        for each in profile.columns
        if is_plain_id(each.name) and each.is_unique and each.name not in taken
    ]
    if len(profile.columns) < _FEWEST_OF_A_THING:
        return []
    counted = [each for each in columns if each.counted_by and profile.is_named_after(each.names)]
    return [Found(each, plain[0], Certainty.SPELLING) for each in counted if len(plain) == 1]


def _in_other_words(
    columns: Sequence[Column], profile: Profile, taken: set[str], asked: Collection[str]
) -> Iterable[Found]:
    """The columns that no declared name finds: all the sure ones before any doubtful one."""
    taken = set(taken)
    found: dict[str, Found] = {}
    for certainty in (Certainty.SPELLING, Certainty.PART, Certainty.TYPE):
        for column in columns:
            if column.name in found or not _may_be(column, certainty, asked):
                continue
            fitting = _candidates(column, profile, taken, certainty)
            if certainty is Certainty.PART:
                fitting += _perhaps_opposite(column, profile, taken)
            if not fitting:
                continue
            best, others = fitting[0], fitting[1:]
            if others and certainty is Certainty.SPELLING:  # two of the same name: ask
                best = replace(best, certainty=Certainty.PART)
            options = tuple(each.source for each in fitting[:_MOST_OPTIONS])
            found[column.name] = replace(best, options=options)
            taken.add(best.source)
    return found.values()


def _may_be(column: Column, certainty: Certainty, asked: Collection[str]) -> bool:
    """Only what is needed is guessed: the user is not asked for what is merely useful."""
    if certainty is Certainty.TYPE and not column.required:
        return False
    return certainty.is_sure or column.name in asked


def _worth_asking(blueprint: Blueprint) -> set[str]:
    """Required columns, the targets' where none is required, and whose history it is."""
    targets = {name for target in blueprint.targets for name in target.columns}
    required = {column.name for column in blueprint.columns if column.required}
    owner = {blueprint.entity.name} if blueprint.entity else set()
    return required | owner | (set() if targets & required else targets)


def _candidates(
    column: Column, profile: Profile, taken: set[str], certainty: Certainty
) -> list[Found]:
    """The raw columns that are found with a certainty and whose values fit, the best first."""
    # another way to say a flag is taken under its exact name only, which tells how it is meant
    opposite = other_names(column)
    free = [
        each
        for each in profile.columns
        if each.name not in taken
        and each.role != "empty"
        and not (column.kind is Kind.NUMBER and (_names_things(each) or _measures(column, each)))
        and not (column.role is Role.ENTITY and each.role == "number")  # counts, names nobody
        and likeness(each.name, opposite) <= likeness(each.name, column.names)
    ]
    if certainty is Certainty.TYPE:
        named = [each for each in free if _is_like_role(column, each)]
        named = [each for each in named if is_in_own_words(column, each)] or named
        generic = [each for each in named if likeness(each.name, GENERIC_OUTCOMES).is_sure]
        free = generic if generic and column.role is Role.OUTCOME else named
        if len(free) == 1:
            certainty = _told_otherwise(column, free[0], profile)
    else:
        free = [each for each in free if _certainty(column, each, profile) is certainty]
    judged = [_judged(column, each, certainty) for each in free]
    return [each for each in judged if not each.problem or _is_uncoded(column, each, profile)]


def _names_things(raw: ColumnProfile) -> bool:
    """Whether numbers are those of things (`payment_method_id`), and no amounts."""
    return raw.role == "key" or words_of(raw.name)[1:][-1:] == ("id",)


def _measures(column: Column, raw: ColumnProfile) -> bool:
    """Whether a name ends in a span or share that an outcome is not in (`payment_plan_days`).

    A number or `per` before it makes it a window (`revenue_next_90_days`, `calls_per_hour`).
    """
    *before, last = ("", *words_of(raw.name))
    is_window = before[-1:] == ["per"] or "".join(before[-1:]).isdigit()
    said = {word for name in column.names for word in words_of(name)}
    is_measured = last in _MEASURES - said and not is_window
    return column.role is Role.OUTCOME and is_measured


def _told_otherwise(column: Column, raw: ColumnProfile, profile: Profile) -> Certainty:
    """PART for a flag in the blueprint's own words (`good`), or after which the file is named.

    SPELLING for a status in these words, and TYPE for anything else.
    """
    if column.role is not Role.OUTCOME or column.kind is not Kind.FLAG:
        return Certainty.TYPE
    if is_in_own_words(column, raw):
        return Certainty.SPELLING if set(words_of(raw.name)) & STATUSES else Certainty.PART
    return Certainty.PART if profile.is_named_after(column.names) else Certainty.TYPE


def _perhaps_opposite(column: Column, profile: Profile, taken: set[str]) -> list[Found]:
    """Flags under nearly a name of the opposite, which can't be read: who knows which way.

    `Reached.on.Time_Y.N` is 1 where a parcel is late.
    """
    opposite = opposites(column)
    said = (each for each in profile.columns if each.name not in taken and each.kind is Kind.FLAG)
    return [
        Found(
            column,
            each.name,
            Certainty.SPELLING,  # not asked for: an answer would not say which way it is meant
            f"{each.name!r} may mean {column.name!r} or its opposite: rename it to "
            f"{column.name!r} or {opposite[0]!r}",
        )
        for each in said
        if likeness(each.name, opposite) >= Certainty.PART
        and fold(each.name) not in map(fold, opposite)
    ]


def _certainty(column: Column, raw: ColumnProfile, profile: Profile) -> Certainty:
    """How surely a name says a column; the only times there are need no more than a word for it.

    A required time that has no such name (the start of a session) is not any day or time.
    """
    said = spoken(raw.name)
    is_flag = column.role is Role.OUTCOME and column.kind is Kind.FLAG
    said = without_window(said) if is_flag else said
    most = Certainty.NAME if said == raw.name else Certainty.SPELLING
    found = min(likeness(said, column.names), most)
    if is_flag:  # `sold_30d` may be what was, and what will be
        found = max(found, min(likeness(without_span(said), column.names), Certainty.PART))
    if column.role is not Role.TIME or not set(words_of(said)) <= _PLAIN_TIMES:
        return found
    times = [each.name for each in profile.columns if each.role == "time"]
    is_said = any(set(words_of(name)) <= _PLAIN_TIMES for name in column.names)
    is_only = times == [raw.name] and (is_said or not column.required)
    return max(found, Certainty.SPELLING) if is_only else found


def _is_uncoded(column: Column, found: Found, profile: Profile) -> bool:
    """A flag under its own name in two words that are not yes and no is still that flag."""
    is_named = found.certainty > Certainty.TYPE and column.kind is Kind.FLAG
    return is_named and profile.column(found.source).distinct == 2


def _is_like_role(column: Column, raw: ColumnProfile) -> bool:
    """Whether the values alone may be a required column of that role and kind."""
    if column.role is Role.ROW:
        return raw.role == "key"
    if column.role is Role.ENTITY:
        return raw.role == "entity"
    if column.role is Role.TIME:
        return raw.role == "time"
    is_said = raw.kind is column.kind or is_in_words(raw, words_of_flag(column, None))
    return is_said and raw.role not in ("key", "entity")


def _judged(column: Column, raw: ColumnProfile, certainty: Certainty) -> Found:
    return Found(column, raw.name, certainty, problem_of(column, raw))
