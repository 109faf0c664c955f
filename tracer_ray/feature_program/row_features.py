"""Features of the row itself, from what is known of it beforehand."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from tracer_ray.feature_program.feasts import days_since_feast, days_to_feast
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.features import Feature, Op
from tracer_ray.periods import Period
from tracer_ray.rows import MICROSECONDS_PER_DAY, Float32Array, FloatArray, IntArray, Rows

_LAST_WEEK = 52  # the last day or two of a year belong to it
_MICROSECONDS_PER_HOUR = MICROSECONDS_PER_DAY // 24


def fill_row_features(
    features: Mapping[int, Feature], rows: Rows, vocabulary: Vocabulary, out: Float32Array
) -> None:
    """Fills the columns of `out` [rows, features] that read nothing but their own row."""
    for position, feature in features.items():
        out[:, position] = _row_feature(feature, rows, vocabulary)


def _row_feature(feature: Feature, rows: Rows, vocabulary: Vocabulary) -> FloatArray | IntArray:
    if feature.op is Op.CODE:
        return vocabulary.codes(feature.column, rows.texts(feature.column))
    if feature.op is Op.CALENDAR:
        return calendar_part(feature.unit, rows.times)
    if feature.op is Op.LEAD:
        period = Period(feature.unit.removesuffix("s"))
        return period.ordinal(rows.times) - period.ordinal(rows.as_of) + 1
    values = _known(feature, rows.numbers[feature.column])
    if not feature.versus:
        return values
    return values - _known(feature, rows.numbers[f"opponent_{feature.column}"])


def _known(feature: Feature, values: FloatArray) -> FloatArray:
    if feature.op is Op.VALUE:
        return values
    if feature.op is Op.SIGNED_LOG:
        return np.asarray(np.sign(values) * np.log1p(np.abs(values)))
    return np.log(np.where(values > 0.0, values, np.nan))


def calendar_part(part: str, times: IntArray) -> IntArray:
    """A part of each time (microseconds, UTC), int64; days, months and weekdays as people count.

    >>> leap_day = np.array([1709164800_000_000]) + 13 * 3_600_000_000
    >>> [int(calendar_part(part, leap_day)[0]) for part in ("day_of_week", "day_of_month", "hour")]
    [3, 29, 13]
    """
    if part == "hour":
        return times % MICROSECONDS_PER_DAY // _MICROSECONDS_PER_HOUR
    days = times.astype("datetime64[us]").astype("datetime64[D]")
    number: IntArray = days.astype(np.int64)
    if part == "day_of_week":
        return (number + 3) % 7
    if part == "day_of_month":
        return number - _first_days(days, "datetime64[M]") + 1
    if part == "day_of_year":
        return number - _first_days(days, "datetime64[Y]") + 1
    if part == "week_of_year":
        weeks: IntArray = (number - _first_days(days, "datetime64[Y]")) // 7 + 1
        return np.minimum(weeks, _LAST_WEEK, dtype=np.int64)
    if part == "days_to_feast":
        return days_to_feast(number)
    if part == "days_since_feast":
        return days_since_feast(number)
    months: IntArray = days.astype("datetime64[M]").astype(np.int64)
    return months % 12 + 1


def _first_days(days: npt.NDArray[np.datetime64], unit: str) -> IntArray:
    """The first day of each day's month or year, in days since 1970."""
    return days.astype(unit).astype("datetime64[D]").astype(np.int64)
