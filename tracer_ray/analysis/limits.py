"""Numbers that say a flag above a limit: which of a blueprint's limits parts a data set's rows."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence

from tracer_ray.analysis.found import Found
from tracer_ray.analysis.mapping import find_mapping
from tracer_ray.analysis.profile import Profile
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.matching import wording_of


def with_limit(
    default: Blueprint,
    variants: Sequence[Blueprint],
    profile: Profile,
    told: Dictionary[str, str],
) -> Blueprint:
    """The variant with the highest limit that a tenth of the rows is above.

    The default where its own limit parts them, or where none does.
    """
    others = [each for each in variants if each.id == default.id and not each.inactivity]
    if len({each.columns for each in others}) < 2:
        return default
    said = (each for each in find_mapping(default, profile, told).found if _limit(default, each))
    found = next(said, None)
    highest = profile.column(found.source).last_decile if found and found.problem else None
    if found is None or highest is None:
        return default
    parting = [each for each in others if (_limit(each, found) or highest) < highest]
    return max(parting, key=lambda each: _limit(each, found) or 0.0, default=default)


def _limit(blueprint: Blueprint, found: Found) -> float | None:
    """Above which number a variant takes the raw column for a yes; None where it is no number."""
    wording = wording_of(blueprint.column(found.column.name), found.source)
    return wording.above if wording else None
