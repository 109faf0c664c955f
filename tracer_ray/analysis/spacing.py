"""Rows that stand for weeks or months: which variant of a forecast reads them."""

from collections.abc import Mapping as Dictionary

from tracer_ray.analysis.mapping import find_mapping
from tracer_ray.analysis.profile import Profile
from tracer_ray.archive import blueprint as chosen
from tracer_ray.blueprint import PERIOD, Blueprint
from tracer_ray.periods import Period


def with_period(blueprint: Blueprint, profile: Profile, told: Dictionary[str, str]) -> Blueprint:
    """The variant for the period that rows stand for; the blueprint itself where that is a day.

    The others of its settings stay.
    """
    time = blueprint.time
    if time is None or not blueprint.has_parameter(PERIOD):
        return blueprint
    found = find_mapping(blueprint, profile, told).of(time.name)
    period = profile.column(found.source).period if found else Period.DAY
    if period is Period.DAY:
        return blueprint
    return chosen(blueprint.id, {**dict(blueprint.settings), PERIOD: period})
