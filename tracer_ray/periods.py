"""The periods that a series has a row for: days, weeks from Monday on, and calendar months.

Instants are microseconds since 1970 (UTC), and periods are counted from the one of 1970-01-01.
"""

from enum import StrEnum

import numpy as np

from tracer_ray.rows import MICROSECONDS_PER_DAY, IntArray

_DAYS_PER_WEEK = 7
_FROM_MONDAY = 3  # 1970-01-01 was a Thursday


class Period(StrEnum):
    """How much time a row of a series stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def adjective(self) -> str:
        """As in "a monthly average"."""
        return {Period.DAY: "daily", Period.WEEK: "weekly", Period.MONTH: "monthly"}[self]

    @property
    def letter(self) -> str:
        """As in `forecast_12m`."""
        return self.value[0]

    @property
    def days(self) -> int:
        """The days of the longest one."""
        return {Period.DAY: 1, Period.WEEK: _DAYS_PER_WEEK, Period.MONTH: 31}[self]

    def ordinal(self, instants: IntArray) -> IntArray:
        """Which period each instant lies in, int64.

        >>> day = MICROSECONDS_PER_DAY
        >>> days = np.array([0, 3, 4, 11, 30, 31]) * day  # a Thursday, a Sunday, Mondays
        >>> Period.WEEK.ordinal(days).tolist(), Period.MONTH.ordinal(days).tolist()
        ([0, 0, 1, 2, 4, 4], [0, 0, 0, 0, 0, 1])
        """
        days = instants // MICROSECONDS_PER_DAY
        if self is Period.MONTH:
            months: IntArray = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            return months
        return (days + _FROM_MONDAY) // _DAYS_PER_WEEK if self is Period.WEEK else days

    def start(self, ordinals: IntArray) -> IntArray:
        """The instant at which each period begins, int64.

        >>> days = Period.MONTH.start(np.array([0, 1, 12])) // MICROSECONDS_PER_DAY
        >>> days.tolist(), int(Period.WEEK.start(np.array([1]))[0]) // MICROSECONDS_PER_DAY
        ([0, 31, 365], 4)
        """
        if self is Period.MONTH:
            days: IntArray = (
                ordinals.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
            )
        else:
            days = ordinals * _DAYS_PER_WEEK - _FROM_MONDAY if self is Period.WEEK else ordinals
        return days * MICROSECONDS_PER_DAY

    def floor(self, instants: IntArray) -> IntArray:
        """The start of the period that each instant lies in, int64."""
        return self.start(self.ordinal(instants))

    def begin(self, instant: int, after: int = 0) -> int:
        """The start of an instant's period, or of one so many periods `after` it.

        >>> leap_day = 19_782 * MICROSECONDS_PER_DAY
        >>> Period.MONTH.begin(leap_day, 1) // MICROSECONDS_PER_DAY - 19_782
        1
        >>> Period.WEEK.begin(leap_day) == Period.WEEK.floor(np.array([leap_day]))[0]
        np.True_
        """
        if self is Period.MONTH:
            ordinals = self.ordinal(np.array([instant], np.int64))
            return int(self.start(ordinals + after)[0])
        length, shift = (_DAYS_PER_WEEK, _FROM_MONDAY) if self is Period.WEEK else (1, 0)
        ordinal = (instant // MICROSECONDS_PER_DAY + shift) // length + after  # asked for each row
        return (ordinal * length - shift) * MICROSECONDS_PER_DAY
