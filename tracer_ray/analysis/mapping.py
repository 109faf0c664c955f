"""Which raw column fills which column of a blueprint: by name, by wording, and by its values."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace

from tracer_ray.analysis.fitting_values import is_in_own_words
from tracer_ray.analysis.found import STATUSES, Found, asked, judged
from tracer_ray.analysis.names import Certainty, words_of
from tracer_ray.analysis.other_words import counted_by_plain_id, in_other_words
from tracer_ray.analysis.payments import way_problem
from tracer_ray.analysis.profile import ColumnProfile, Profile
from tracer_ray.blueprint import Blueprint, Column, Events, Kind, Role
from tracer_ray.data.matching import match, match_columns, planned_from, wording_of
from tracer_ray.data.schema import Plan, PlannedColumn
from tracer_ray.data.spelling import fold

_TRADED = frozenset(words_of("open high low volume"))


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

    def source(self, column: Column | None) -> str:
        """The raw name for a column, "" where there is none, or its values don't fit."""
        found = self.of(column.name) if column else None
        return found.source if found and not found.problem else ""


def find_mapping(blueprint: Blueprint, profile: Profile, told: Dictionary[str, str]) -> Mapping:
    """Fill a blueprint's columns from a profile, sure names first; no raw column is used twice.

    What the user has `told` (canonical to raw name) is taken as it is.
    """
    mine = _told_here(blueprint.columns, profile, told)
    plan = match(blueprint, profile.names, mine)
    found = [
        each if each.column.name in mine else _by_status(_by_other_name(each, profile), profile)
        for each in _by_name(blueprint.columns, profile, plan)
    ]
    missing = [
        each
        for each in blueprint.columns
        if each.name not in _names(found) and (not blueprint.sides or each.role is Role.TIME)
    ]  # the names of sides and scores come in pairs, which only their declared names tell
    counted = counted_by_plain_id(missing, profile, set(plan.sources))
    missing = [each for each in missing if each.name not in _names(counted)]
    taken = {*plan.sources, *(each.source for each in counted)}
    found += counted
    found += in_other_words(missing, profile, taken, _worth_asking(blueprint))
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
    return (*found, *in_other_words(missing, profile, set(plan.sources), needed))


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
    found = judged(column, raw, Certainty.NAME)
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


def _by_other_name(found: Found, profile: Profile) -> Found:
    """A raw column under another declared name, where the values of the first one don't fit."""
    if not found.problem or found.told_by:
        return found
    names = list(map(fold, found.column.names))
    others = [each for each in profile.columns if fold(each.name) in names]
    fitting = [judged(found.column, each, Certainty.SPELLING) for each in others]
    fitting = [each for each in fitting if not each.problem]
    return min(fitting, key=lambda each: names.index(fold(each.source)), default=found)


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


def _names(found: Iterable[Found]) -> set[str]:
    return {each.column.name for each in found}


def _has_target(blueprint: Blueprint, found: Sequence[Found]) -> bool:
    return any(set(target.columns) <= _names(found) for target in blueprint.targets)


def _worth_asking(blueprint: Blueprint) -> set[str]:
    """Required columns, the targets' where none is required, and whose history it is."""
    targets = {name for target in blueprint.targets for name in target.columns}
    required = {column.name for column in blueprint.columns if column.required}
    owner = {blueprint.entity.name} if blueprint.entity else set()
    return required | owner | (set() if targets & required else targets)
