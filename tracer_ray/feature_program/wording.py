"""Features in words: what one says, in which unit, and its value as a person would give it."""

from collections.abc import Mapping

import numpy as np

from tracer_ray.blueprint import Blueprint
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.features import ROW_OPS, Feature, Op

_PHRASES: Mapping[Op, str] = {
    Op.LAG: "{what} {n} rows ago",
    Op.MEAN: "average of {what} over the last {n} rows",
    Op.STD: "spread of {what} over the last {n} rows",
    Op.MIN: "lowest {what} of the last {n} rows",
    Op.MAX: "highest {what} of the last {n} rows",
    Op.MEDIAN: "median of {what} over the last {n} rows",
    Op.WEIGHTED_MEAN: "average of {what} over the last {n} rows, newest first",
    Op.SLOPE: "trend of {what} over the last {n} rows",
    Op.MOMENTUM: "average of {what} over the last {n} rows, minus that over four times as many",
    Op.EWM: "fading average of {what}, half-life of {n} rows",
    Op.EXPANDING_MEAN: "average of {what} over all earlier rows",
    Op.EXPANDING_STD: "spread of {what} over all earlier rows",
    Op.SEASON_MEAN: "season average of {what}",
    Op.SEASON_COUNT: "number of rows this season",
    Op.COUNT: "number of earlier rows",
    Op.REST_DAYS: "time since the last row",
    Op.RECENT_COUNT: "number of rows within the last {n} days",
    Op.RATING: "Elo rating (K = {n})",
    Op.RATING_PROBABILITY: "probability of winning by Elo rating (K = {n})",
    Op.LEAD: "distance ahead",
}
_UNITS: Mapping[Op, str] = {
    Op.SEASON_COUNT: "",
    Op.COUNT: "",
    Op.RECENT_COUNT: "",
    Op.REST_DAYS: "days",
    Op.RATING: "",
    Op.RATING_PROBABILITY: "",
    Op.CODE: "",
}
_CALENDAR_UNITS = {
    "day_of_week": "0 is Monday",
    "days_to_feast": "at most 7",
    "days_since_feast": "at most 7",
}
_DIFFERENCES = frozenset({Op.STD, Op.EXPANDING_STD, Op.SLOPE, Op.MOMENTUM, *_UNITS})
_ONE = {"the last 1 rows": "the last row", "1 rows ago": "in the last row"}


def describe(feature: Feature, blueprint: Blueprint) -> str:
    """What a feature says, as a phrase.

    >>> from tracer_ray.archive import blueprint
    >>> props = blueprint("player_props")
    >>> describe(Feature("x", Op.MEAN, "points", 5), props)
    'average of points over the last 5 rows'
    """
    if feature.op is Op.CALENDAR:
        said = feature.unit.replace("_", " ")
    elif feature.op in ROW_OPS - {Op.LEAD}:
        said = _column(feature, blueprint)[0]
    else:
        what, _ = _column(feature, blueprint)
        said = _PHRASES[feature.op].format(what=what, n=feature.window)
        for many, one in _ONE.items():
            said = said.replace(many, one) if feature.window == 1 else said
    narrowed = "".join(f" of the same {each.replace('_', ' ')}" for each in _narrowed(feature))
    return said + narrowed + (", minus the opponent's" if feature.versus else "")


def unit_of(feature: Feature, blueprint: Blueprint) -> str:
    """The unit of a feature's value, "" where it has none."""
    if feature.op is Op.CALENDAR:
        return _CALENDAR_UNITS.get(feature.unit, "")
    unit = _UNITS.get(feature.op, feature.unit or _column(feature, blueprint)[1])
    if _is_log(feature) and not _is_taken_back(feature):
        return "on a logarithmic scale"
    return f"{unit} per row" if feature.op is Op.SLOPE and unit else unit


def shown(feature: Feature, value: float, vocabulary: Vocabulary) -> float | str | None:
    """A feature's value: categories by name, logarithms taken back, six digits, None for null.

    >>> shown(Feature("log_x", Op.LOG_VALUE, "x"), np.log(20.0), Vocabulary({}))
    20.0
    """
    if not np.isfinite(value) or (feature.op is Op.CODE and value < 0.0):
        return None
    if feature.op is Op.CODE:
        return vocabulary.values[feature.column][int(value)]
    return float(f"{_taken_back(feature, value):.6g}")


def _taken_back(feature: Feature, value: float) -> float:
    if not _is_taken_back(feature):
        return value
    if feature.op is Op.LOG_VALUE:
        return float(np.exp(value))
    return float(np.sign(value) * np.expm1(abs(value)))


def _is_log(feature: Feature) -> bool:
    is_counted = feature.op in _UNITS
    return not is_counted and (feature.log or feature.op in {Op.LOG_VALUE, Op.SIGNED_LOG})


def _is_taken_back(feature: Feature) -> bool:
    """Whether the value is a logarithm of one thing; a difference of two has no inverse."""
    return _is_log(feature) and not feature.versus and feature.op not in _DIFFERENCES


def _narrowed(feature: Feature) -> tuple[str, ...]:
    return ((feature.by,) if feature.by else ()) + feature.within


def _column(feature: Feature, blueprint: Blueprint) -> tuple[str, str]:
    """The meaning and the unit of what a feature reads; a column without a description is named."""
    name = feature.column.replace("_", " ")
    for target in blueprint.targets:
        if target.name == feature.column:
            return name, target.unit
    known = (each for each in blueprint.columns if each.name == feature.column)
    return next(((each.description or name, each.unit) for each in known), (name, ""))
