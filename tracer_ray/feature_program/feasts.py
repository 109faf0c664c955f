"""Feasts of the western calendar, beside which people buy, travel and call differently.

Those that are public holidays in many countries: New Year, Good Friday to Easter Monday, Ascension,
Whit Sunday and Monday, Corpus Christi, Christmas and the day after it. The distance to the nearest
one is known of any day, needs no plan, and teaches one thing of feasts that fall on other days
every year.
"""

from datetime import MAXYEAR, MINYEAR
from functools import lru_cache

import numpy as np
from dateutil.easter import easter

from tracer_ray.rows import IntArray

REACH_DAYS = 7  # further away is all the same
_AFTER_EASTER = (-2, 0, 1, 39, 49, 50, 60)
_IN_YEAR = ("01-01", "12-25", "12-26")
_BEYOND = (-(2**62), 2**62)  # years without a calendar have no feasts


def days_to_feast(days: IntArray) -> IntArray:
    """Whole days from each day (since 1970) to the next feast, 0 on one, at most REACH_DAYS.

    >>> holy_week = np.array(["2015-04-01", "2015-04-05", "2015-04-07"], "datetime64[D]")
    >>> days_to_feast(holy_week.astype(np.int64)).tolist()
    [2, 0, 7]
    """
    feasts = _feasts_around(days)
    ahead: IntArray = feasts[np.searchsorted(feasts, days, "left")] - days
    return np.minimum(ahead, REACH_DAYS)


def days_since_feast(days: IntArray) -> IntArray:
    """Whole days from the last feast to each day (since 1970), 0 on one, at most REACH_DAYS."""
    feasts = _feasts_around(days)
    past: IntArray = days - feasts[np.searchsorted(feasts, days, "right") - 1]
    return np.minimum(past, REACH_DAYS)


def _feasts_around(days: IntArray) -> IntArray:
    """The feasts within reach of the days, rising, between two that are beyond all reach."""
    if not len(days):
        return np.array(_BEYOND)
    ends = np.array([days.min() - REACH_DAYS, days.max() + REACH_DAYS])
    first, last = (1970 + ends.astype("datetime64[D]").astype("datetime64[Y]").astype(int)).tolist()
    years = range(max(first, MINYEAR), min(last, MAXYEAR) + 1)
    before, after = _BEYOND
    return np.concatenate([[before], *map(_feasts_of, years), [after]])


@lru_cache(maxsize=512)
def _feasts_of(year: int) -> IntArray:
    sunday = np.datetime64(easter(year), "D").astype(np.int64)
    fixed = np.array([f"{year:04d}-{each}" for each in _IN_YEAR], "datetime64[D]")
    return np.sort(np.concatenate([sunday + np.array(_AFTER_EASTER), fixed.astype(np.int64)]))
