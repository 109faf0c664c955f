"""Distances to feasts, by the published dates of Easter and the feasts that move with it."""

import numpy as np
import pytest

from tracer_ray.feature_program.row_features import calendar_part
from tracer_ray.rows import IntArray

FEASTS = [
    *("1900-04-15", "2000-04-23", "2100-03-28"),  # Easter Sundays
    *("2015-04-03", "2015-04-06"),  # Good Friday, Easter Monday
    *("2013-05-09", "2014-05-29", "2015-05-14"),  # Ascension
    *("2015-05-24", "2015-05-25", "2015-06-04"),  # Whitsun, Corpus Christi
    *("2015-01-01", "2015-12-25", "2015-12-26"),
]


def _part(part: str, *dates: str) -> list[int]:
    times: IntArray = np.array(dates, "datetime64[us]").astype(np.int64)
    return [int(each) for each in calendar_part(part, times)]


@pytest.mark.parametrize("day", FEASTS)
def test_a_feast_is_no_day_away_all_day_long(day: str) -> None:
    moments = (f"{day}T00:00:00", f"{day}T12:00:00", f"{day}T23:59:59")
    assert _part("days_to_feast", *moments) == [0, 0, 0]
    assert _part("days_since_feast", *moments) == [0, 0, 0]


def test_days_count_to_the_next_feast_and_from_the_last() -> None:
    dates = ("2015-05-12", "2015-05-13", "2015-05-15", "2015-05-17")
    assert _part("days_to_feast", *dates) == [2, 1, 7, 7]
    assert _part("days_since_feast", *dates) == [7, 7, 1, 3]


def test_feasts_of_the_years_around_count() -> None:
    assert _part("days_to_feast", "2014-12-30", "2014-12-31") == [2, 1]
    assert _part("days_since_feast", "2015-01-03", "2015-12-31") == [2, 5]


def test_a_week_and_more_is_all_the_same() -> None:
    dates = ("2015-02-01", "2015-08-15", "2015-11-11")
    assert _part("days_to_feast", *dates) == [7, 7, 7]
    assert _part("days_since_feast", *dates) == [7, 7, 7]


def test_the_first_and_the_last_day_of_the_calendar_have_a_distance() -> None:
    assert _part("days_since_feast", "0001-01-01", "0001-01-04", "9999-12-31") == [0, 3, 5]
    assert _part("days_to_feast", "9999-12-24", "9999-12-31") == [1, 7]


def test_no_day_is_no_distance() -> None:
    assert _part("days_to_feast") == _part("days_since_feast") == []
