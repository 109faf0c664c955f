"""Whether a series has a season, by a test: weekdays, or of longer periods the time of year.

Rows are ranked within blocks, a week or a year, and the ranks are compared (Friedman 1937, at 1 %).
"""

import numpy as np

from tracer_ray.feature_program.state import OWNERS
from tracer_ray.feature_program.within import label_of, series_name
from tracer_ray.periods import Period
from tracer_ray.prediction.loaded_release import LoadedRelease
from tracer_ray.prediction.questions import Question
from tracer_ray.rows import FloatArray
from tracer_ray.series_horizon import LONGER, YEARS

WEEKS = 8
LEAST_WEEKS = 4
LEAST_KINDS = 3
SIGNIFICANCE = 0.01
_LEAST = 1e-3  # of the average stands for nothing at all, which has no logarithm
_WEEKDAY = ("day_of_week",)
_MONTHS, _QUARTERS = 12, 4  # what a year is compared by


def has_season(loaded: LoadedRelease, question: Question) -> bool | None:
    """Whether weekdays, or parts of the year, differ beyond chance.

    None where less is known than four weeks of three weekdays, or four years.
    """
    period = loaded.blueprint.period
    if period is Period.DAY:
        return _is_weekly(loaded, question)
    year = LONGER[period].year
    history = loaded.program.owners
    states = question.state.take(OWNERS, np.array([question.owner], object), history.width)
    newest = history.newest(question.target, states, YEARS * year)[0]
    return is_yearly(newest[np.isfinite(newest)][::-1], year)


def is_yearly(values: FloatArray, year: int) -> bool | None:
    """Whether the parts of a `year` of so many rows differ; `values` are successive, float64 [n].

    Of each row's logarithm the average of the year around it is taken off, so that growth is no
    season. Weeks are put together in quarters. None where fewer than three years can be compared.

    >>> grown = 100.0 * 1.01 ** np.arange(48.0)
    >>> is_yearly(grown * np.where(np.arange(48) % 12 == 11, 1.2, 1.0), 12), is_yearly(grown, 12)
    (True, False)
    """
    half = year // 2
    weights = np.array([0.5, *np.ones(year - 1), 0.5]) / year
    if len(values) < len(weights) or not values.any():
        return None
    logs = np.log(np.maximum(values, _LEAST * values.mean()))
    around = np.convolve(logs, weights, "valid")
    apart = logs[half : half + len(around)] - around
    years = len(apart) // year
    if years < 3:
        return None
    kinds = _MONTHS if year == _MONTHS else _QUARTERS
    blocks = apart[-years * year :].reshape(years, kinds, year // kinds).mean(axis=2)
    return _differ(np.round(blocks, 9).T)


def _is_weekly(loaded: LoadedRelease, question: Question) -> bool | None:
    history = loaded.program.within.get(_WEEKDAY)
    if history is None:
        return None
    names = np.array([series_name(question.owner, (day,)) for day in range(7)], dtype=object)
    states = question.state.take(label_of(_WEEKDAY), names, history.width)
    values = history.newest(question.target, states, WEEKS)
    weekdays = values[np.isfinite(values).sum(axis=1) >= LEAST_WEEKS]
    if len(weekdays) < LEAST_KINDS:
        return None
    weeks = int(np.isfinite(weekdays).sum(axis=1).min())
    return _differ(weekdays[:, :weeks])


def _differ(blocks: FloatArray) -> bool:
    """Whether kinds of rows, float64 [kinds, blocks], differ beyond chance."""
    from scipy.stats import friedmanchisquare

    if (blocks == blocks[0]).all():
        return False
    return bool(friedmanchisquare(*blocks).pvalue < SIGNIFICANCE)
