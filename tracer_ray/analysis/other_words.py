"""The search for columns that no declared name finds: by other words, by the file, by values."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from tracer_ray.analysis.date_columns import spoken
from tracer_ray.analysis.fitting_values import is_in_own_words, is_in_words
from tracer_ray.analysis.found import GENERIC_OUTCOMES, STATUSES, Found, judged
from tracer_ray.analysis.names import (
    Certainty,
    likeness,
    without_span,
    without_window,
    words_of,
)
from tracer_ray.analysis.profile import ColumnProfile, Profile
from tracer_ray.blueprint import Column, Kind, Role
from tracer_ray.data.matching import (
    all_names,
    is_plain_id,
    opposites,
    other_names,
    words_of_flag,
)
from tracer_ray.data.spelling import fold

_PLAIN_TIMES = frozenset(words_of("date time datetime timestamp day"))
_MEASURES = frozenset(words_of("days hours minutes weeks months years percent ratio share"))
_MOST_OPTIONS = 3
_LINES_PER_NUMBER = 10  # what comes again so often numbers the lines of something
_LEAST_RUNNING = 1000.0
_LEAST_GIVEN_OUT = 0.5  # of the numbers between the first and the last
_FEWEST_OF_A_THING = 3  # columns: its id, its time, and something about it


def counted_by_plain_id(
    columns: Sequence[Column], profile: Profile, taken: Collection[str]
) -> list[Found]:
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


def in_other_words(
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
        and not (column.role is Role.ROW and _numbers_lines(each, profile))
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
    found = [judged(column, each, certainty) for each in free]
    return [each for each in found if not each.problem or _is_uncoded(column, each, profile)]


def _names_things(raw: ColumnProfile) -> bool:
    """Whether numbers are those of things (`payment_method_id`), and no amounts."""
    is_key = raw.role == "key" or words_of(raw.name)[1:][-1:] == ("id",)
    return is_key or _runs_on(raw)


def _numbers_lines(raw: ColumnProfile, profile: Profile) -> bool:
    """Whether numbers from 1 on come again and again, as those of the lines of orders."""
    is_low = raw.minimum is not None and raw.minimum <= 1.0 and raw.is_whole
    return is_low and _LINES_PER_NUMBER * raw.distinct <= profile.sampled


def _runs_on(raw: ColumnProfile) -> bool:
    """Whether a number of one thing (`N° commande`) is given out one after another, as an id.

    Of many things (`Nº clientes`) it counts them, however close its values are.
    """
    if raw.minimum is None or raw.maximum is None or not raw.is_whole:
        return False
    if words_of(raw.name)[:1] != ("number",) or raw.name.lower().endswith("s"):
        return False
    span = raw.maximum - raw.minimum + 1.0
    return raw.minimum >= _LEAST_RUNNING and raw.distinct >= _LEAST_GIVEN_OUT * span


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

    SPELLING for a status in these words, unless it is that of something else (`LoanStatus`), and
    TYPE for all others.
    """
    if column.role is not Role.OUTCOME or column.kind is not Kind.FLAG:
        return Certainty.TYPE
    if is_in_own_words(column, raw):
        said, known = set(words_of(raw.name)), map(words_of, all_names(column))
        is_ours = said - STATUSES <= {word for words in known for word in words}
        return Certainty.SPELLING if said & STATUSES and is_ours else Certainty.PART
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
    if column.role is Role.OUTCOME and said != without_window(said):
        said = without_window(said)
        worded = [without_window(each) for each in column.names if each != without_window(each)]
        found = max(found, min(likeness(said, worded), Certainty.SPELLING))
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
