"""Names that may mean money or a number of things: `sales`."""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import replace

from tracer_ray.analysis.mapping import Found, Mapping
from tracer_ray.analysis.names import Certainty, likeness, says_currency
from tracer_ray.analysis.profile import Profile
from tracer_ray.blueprint import Blueprint, Kind

_MONEY, _COUNTED = "money", ("units", "count")


def names_of_money(blueprints: Sequence[Blueprint]) -> frozenset[str]:
    """Every name that some blueprint takes for an amount of money."""
    columns = (column for each in blueprints for column in each.columns if column.unit == _MONEY)
    return frozenset(name for column in columns for name in column.names)


def doubting_money(
    mapping: Mapping, profile: Profile, told: Dictionary[str, str], money: Collection[str]
) -> Mapping:
    """The mapping in which a count with fractions is asked for, if its name may mean money.

    So is one whose name says a currency: `Sales (EUR)` is no number of things. `told` is what the
    user says, and is not doubted.
    """
    found = (
        replace(each, certainty=Certainty.PART)
        if each.is_used and each.column.name not in told and _may_be_money(each, profile, money)
        else each
        for each in mapping.found
    )
    return replace(mapping, found=tuple(found))


def _may_be_money(found: Found, profile: Profile, money: Collection[str]) -> bool:
    is_counted = found.column.unit in _COUNTED and found.column.kind is Kind.NUMBER
    if is_counted and says_currency(found.source):
        return True
    if not is_counted or profile.column(found.source).is_whole:
        return False
    return likeness(found.source, tuple(money)).is_sure
