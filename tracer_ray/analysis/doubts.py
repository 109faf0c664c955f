"""Names that may mean something else: money or a number of things (`sales`), or anything (`y`)."""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import replace

from tracer_ray.analysis.found import GENERIC_OUTCOMES, STATUSES, Found, asked
from tracer_ray.analysis.mapping import Mapping
from tracer_ray.analysis.names import Certainty, likeness, says_currency, words_of
from tracer_ray.analysis.profile import Profile
from tracer_ray.blueprint import Blueprint, Kind, Role
from tracer_ray.data.matching import wording_of
from tracer_ray.data.spelling import fold

_MONEY, _COUNTED = "money", ("units", "count")
_LEAST_COMPANY = 2  # columns of the field beside a flag that its name alone does not tell
_OF_ANYBODY = frozenset(
    words_of("age sex gender education marriage marital status job income country")
)
_OF_ANY_KEY = frozenset(words_of("id customer user order date day time timestamp created at"))
_ANY_AMOUNT = ("amount", "value", "total")
_OF_ANYTHING = ("cancel", "mov", "sold", "paid")  # bookings are cancelled, people move
_OF_SEVERAL = frozenset(words_of("churn"))  # customers and players alike
_OF_THE_FIELD = (Role.KNOWN, Role.ENTITY, Role.ROW)


def names_of_money(blueprints: Sequence[Blueprint]) -> frozenset[str]:
    """Every name that some blueprint takes for an amount of money."""
    columns = (column for each in blueprints for column in each.columns if column.unit == _MONEY)
    return frozenset(name for column in columns for name in column.names)


def doubting_flags(mapping: Mapping, told: Dictionary[str, str]) -> Mapping:
    """The mapping in which a flag that is said the other way round, or a mere `y`, is asked for.

    Passengers survive as well as loans do, pupils pay for lessons, and flights are cancelled: such
    a word tells the field only beside columns of it. What every table of persons has is of no
    field.
    """
    company = [each for each in mapping.found if each.is_used and _is_of_the_field(each)]
    if len(company) >= _LEAST_COMPANY:
        return mapping
    found = (
        _asked_for(each) if each.is_used and each.column.name not in told else each
        for each in mapping.found
    )
    return replace(mapping, found=tuple(found))


def is_of_anybody(name: str) -> bool:
    """Whether a column is in every table of persons, and says nothing of the field.

    >>> is_of_anybody("Gender"), is_of_anybody("age_of_vehicle")
    (True, False)
    """
    return set(words_of(name)) <= _OF_ANYBODY


def _is_of_the_field(found: Found) -> bool:
    """Whether a column says what a table is about; of keys and times a word does (`session_id`)."""
    if found.column.role in (Role.ROW, Role.TIME):
        said = set(words_of(found.source)) - _OF_ANYBODY - _OF_ANY_KEY
        return found.certainty is Certainty.NAME and bool(said)
    is_known = found.column.role is Role.KNOWN
    return is_known and not set(words_of(found.column.name)) & _OF_ANYBODY


def _asked_for(found: Found) -> Found:
    """A flag whose name does not tell how or of what it is meant, as a doubtful one."""
    if found.column.role is not Role.OUTCOME:
        return found
    words = words_of(found.source)
    is_generic = set(words) <= STATUSES or fold(found.source) in GENERIC_OUTCOMES
    is_opposite = wording_of(found.column, found.source) is not None
    is_anything = any(word.startswith(_OF_ANYTHING) for word in words)
    is_doubtful = found.column.kind is Kind.FLAG and (is_opposite or is_anything)
    return asked(found) if is_generic or is_doubtful else found


def is_alone(outcome: Found, mapping: Mapping, subject: str) -> bool:
    """Whether nothing but an everyday word for a flag (`paid`) speaks for a blueprint.

    No other column of the field is there, and the word is none of the `subject` itself (`fraud`).
    """
    own = set(words_of(subject)) - _OF_SEVERAL
    is_subject = outcome.is_used and bool(set(words_of(outcome.source)) & own)
    if outcome.column.kind is not Kind.FLAG or is_subject:
        return False
    others = (each for each in mapping.found if each.is_used and each.column.role in _OF_THE_FIELD)
    return not any(set(words_of(each.source)) - _OF_ANYBODY - {"id"} for each in others)


def doubting_money(
    mapping: Mapping, profile: Profile, told: Dictionary[str, str], money: Collection[str]
) -> Mapping:
    """The mapping in which a count is asked for that has fractions or a name for money, or nobody.

    `Sales (EUR)` is no number of things, and the `sales` of no product may be money. A mere
    `amount` beside no column of the field, and no order's number, is asked for as money, and so are
    takings of which a tenth is below zero, as of payments. What the user has `told` is not doubted.
    """
    has_owner = any(each.is_used and each.column.role is Role.ENTITY for each in mapping.found)
    is_in_company = any(each.is_used and _is_of_the_field(each) for each in mapping.found)
    has_company = is_in_company or profile.has_sales

    def is_doubtful(found: Found) -> bool:
        if found.column.kind is not Kind.NUMBER or found.column.role is not Role.OUTCOME:
            return False
        if found.column.unit == _MONEY:
            is_any = fold(found.source) in _ANY_AMOUNT and not (has_company or found.told_by)
            return is_any or _goes_both_ways(found, profile)
        is_sure = has_owner and profile.column(found.source).is_whole
        is_counted = found.column.unit in _COUNTED
        return is_counted and _may_be_money(found.source, () if is_sure else money)

    found = (
        replace(each, certainty=Certainty.PART)
        if each.is_used and each.column.name not in told and is_doubtful(each)
        else each
        for each in mapping.found
    )
    return replace(mapping, found=tuple(found))


def _goes_both_ways(found: Found, profile: Profile) -> bool:
    return found.column.way is None and (profile.column(found.source).first_decile or 0.0) < 0.0


def _may_be_money(name: str, money: Collection[str]) -> bool:
    return says_currency(name) or likeness(name, tuple(money)).is_sure
