"""Periods follow one another without a gap, and begin as the calendar does."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracer_ray.data.times import microseconds
from tracer_ray.periods import Period

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
instants = st.datetimes(datetime(1901, 1, 1), datetime(2099, 12, 31)).map(microseconds)
periods = st.sampled_from(list(Period))


@given(periods, instants, st.integers(-30, 30))
def test_one_instant_is_read_as_many_are(period: Period, instant: int, after: int) -> None:
    many = np.array([instant], np.int64)
    assert period.begin(instant) == period.floor(many)[0]
    assert period.begin(instant, after) == period.start(period.ordinal(many) + after)[0]


@given(periods, instants)
def test_an_instant_lies_in_its_period_and_the_next_begins_after_it(
    period: Period, instant: int
) -> None:
    begin, end = period.begin(instant), period.begin(instant, after=1)
    assert begin <= instant < end
    assert period.begin(end - 1) == begin
    assert (end - begin) // 86_400_000_000 <= period.days


@given(instants)
def test_weeks_begin_on_monday_and_months_on_the_first(instant: int) -> None:
    monday, first = (
        EPOCH + timedelta(microseconds=each.begin(instant)) for each in (Period.WEEK, Period.MONTH)
    )
    assert (monday.weekday(), monday.hour) == (0, 0)
    assert (first.day, first.hour) == (1, 0)
