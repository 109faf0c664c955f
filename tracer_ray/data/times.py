"""Instants in text and numbers, as microseconds since 1970 in UTC."""

import re
from datetime import UTC, datetime

from tracer_ray.blueprint import DateOrder

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}.*|\d{8}T\d{4,6}.*")
_CLOCK = (
    r"(?:(?:T|,? )(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<seconds>\d{2})(?:\.\d+)?)?"
    r"(?: ?(?P<half>[AP])M)?)?"
)
# of two digits a year is not taken with dashes, 17-11-14 may well begin with it, and with dots only
# where all have two, as 1.2.10 is a version
_NUMERIC_DATE = re.compile(
    r"(?!\d+-\d+-\d\d(?!\d))(?=\d+[/-]|\d\d\.\d\d\.|\d+\.\d+\.\d{4})"
    r"(?P<first>\d{1,2})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})" + _CLOCK,
    re.IGNORECASE,
)
_SHORT_DATE = re.compile(  # unless its column is known to end with the year
    r"(?P<first>\d\d)-(?P<second>\d\d)-(?P<year>\d\d)" + _CLOCK, re.IGNORECASE
)
_SHORT_YEARS = (DateOrder.DAY_TO_SHORT_YEAR, DateOrder.MONTH_TO_SHORT_YEAR)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t|tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_NAMED = re.compile(_NAME, re.IGNORECASE)
_TOLD_DATES = tuple(  # whose parts can be meant in one way only
    re.compile(form + _CLOCK, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})(?P<mark>[/.-])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        rf"(?P<day>\d{{1,2}})[ -]{_NAME}[ -](?P<year>\d{{4}}|\d{{2}})",
        rf"{_NAME} (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})",
    )
)
_MONTHS_ALONE = tuple(  # the first day of each
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})[-M](?P<month>\d{2})",  # 2005/06 is a season
        r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})",
        r"(?P<year>19[5-9]\d|20[0-4]\d)(?P<month>0[1-9]|1[0-2])",  # 190201 may be a day of 2019
        rf"{_NAME}[ -](?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})[ -]{_NAME}",
    )
)
_WEEK = re.compile(r"(?P<year>\d{4})[ -]?W(?P<week>\d{2})", re.IGNORECASE)  # its Monday
_MONTH_DIGITS = 6  # 202401
_LAST_SHORT_YEAR = 68  # of this century, as POSIX has it
# what an integer means by its size: 8 digits are a date, the rest counts from 1970
_EPOCH_UNITS = ((10**8, 1), (10**11, 10**3), (10**14, 10**6), (10**17, 10**9))
_LATEST_EPOCH_S = 4_133_980_800
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """An instant in microseconds since 1970; without a zone it is UTC.

    >>> microseconds(datetime(1970, 1, 2))
    86400000000
    """
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment_text(moment: int) -> str:
    """An instant (microseconds) as ISO text, to the second.

    >>> moment_text(86_400_000_000)
    '1970-01-02T00:00:00+00:00'
    """
    return datetime.fromtimestamp(moment // 1_000_000, UTC).isoformat()


FIRST = microseconds(datetime(1900, 1, 1, tzinfo=UTC))
AFTER_LAST = microseconds(datetime(2101, 1, 1, tzinfo=UTC))


def instant(value: object, date_order: DateOrder) -> int | None:
    """The instant that one value says, None where it says none without guessing.

    >>> instant("1970-01-02", DateOrder.YEAR_FIRST) == instant("2/1/70", DateOrder.DAY_FIRST)
    True
    >>> instant("2/1/1970", DateOrder.YEAR_FIRST)
    >>> [instant(text, DateOrder.YEAR_FIRST) for text in ("1970-01", "January 1970", "1970 Jan")]
    [0, 0, 0]
    >>> [instant(text, DateOrder.YEAR_FIRST) for text in ("1/1970", "1970M01", "197001", 197001)]
    [0, 0, 0, 0]
    >>> weeks = ("1970-01-05", "1970-W02", "1970 W02")
    >>> len({instant(text, DateOrder.YEAR_FIRST) for text in weeks})
    1
    >>> instant("Jan 2, 1970", DateOrder.YEAR_FIRST) == instant("1970/1/2", DateOrder.YEAR_FIRST)
    True
    """
    text = str(value).strip()
    if whole := re.fullmatch(r"(\d+)(?:\.0*)?", text):
        text = whole[1]
        if len(text) != _MONTH_DIGITS:
            return _instant_of_integer(int(text))
    is_iso = _ISO.fullmatch(text)
    iso = _instant_of_iso(text.replace(" UTC", "+00:00")) if is_iso else None
    if iso is not None:
        return iso
    if week := _WEEK.fullmatch(text):
        return _instant_of_iso(f"{week['year']}-W{week['week']}-1")
    for form in _MONTHS_ALONE:
        if found := form.fullmatch(text):
            return _instant_of_iso(f"{found['year']}-{_month(found):02}-01")
    for form in _TOLD_DATES:
        if found := form.fullmatch(text):
            date = (_whole_year(found["year"]), _month(found), int(found["day"]))
            return _instant_of_parts(date, found)
    numeric = _NUMERIC_DATE.fullmatch(text)
    if numeric is None and date_order in _SHORT_YEARS:
        numeric = _SHORT_DATE.fullmatch(text)
    if numeric is None or date_order is DateOrder.YEAR_FIRST:
        return None
    return _instant_of_parts(_parts(numeric, date_order), numeric)


def date_numbers(text: str) -> tuple[int, int, str] | None:
    """Day and month in their order there, and the year, of a date that ends with it; else None.

    >>> date_numbers("31/01/2024 12:00"), date_numbers("2024-01-31")
    ((31, 1, '2024'), None)
    >>> date_numbers("31.01.24"), date_numbers("31-01-24"), date_numbers("1.2.10")
    ((31, 1, '24'), None, None)
    """
    return _numbers(_NUMERIC_DATE.fullmatch(text.strip()))


def short_date_numbers(text: str) -> tuple[int, int, str] | None:
    """The same of a date with dashes and two digits each, if it ends with the year; else None.

    >>> short_date_numbers("31-01-24"), short_date_numbers("31.01.24")
    ((31, 1, '24'), None)
    """
    return _numbers(_SHORT_DATE.fullmatch(text.strip()))


def _numbers(found: re.Match[str] | None) -> tuple[int, int, str] | None:
    return (int(found["first"]), int(found["second"]), found["year"]) if found else None


def _instant_of_integer(number: int) -> int | None:
    if len(str(number)) == 8:
        return _instant_of_iso(str(number))
    for smallest, per_second in reversed(_EPOCH_UNITS):
        if number >= smallest:
            is_plausible = number // per_second < _LATEST_EPOCH_S
            return number * 1_000_000 // per_second if is_plausible else None
    return None


def _instant_of_iso(text: str) -> int | None:
    try:
        return microseconds(datetime.fromisoformat(text))
    except ValueError:
        return None


def _parts(found: re.Match[str], date_order: DateOrder) -> tuple[int, int, int]:
    """Year, month and day of a date that ends with its year."""
    first, second = int(found["first"]), int(found["second"])
    day, month = (first, second) if date_order.is_day_first else (second, first)
    return _whole_year(found["year"]), month, day


def _instant_of_parts(date: tuple[int, int, int], found: re.Match[str]) -> int | None:
    """A date at midnight, or at the time of the day beside it."""
    hour, minute, seconds = (int(found[name] or 0) for name in ("hour", "minute", "seconds"))
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"].upper() == "P" else 0)
    try:
        moment = datetime(*date, hour, minute, seconds, tzinfo=UTC)
    except ValueError:
        return None
    return microseconds(moment)


def month_number(text: str) -> int | None:
    """The number of a month that is named, None for anything else.

    >>> month_number("Sept"), month_number("december"), month_number("9")
    (9, 12, None)
    """
    return _MONTHS.index(text.lower()[:3]) + 1 if _NAMED.fullmatch(text) else None


def _month(found: re.Match[str]) -> int:
    return month_number(found["month"]) or int(found["month"])


def _whole_year(text: str) -> int:
    """A year of four digits, or of two.

    >>> _whole_year("2024"), _whole_year("24"), _whole_year("99")
    (2024, 2024, 1999)
    """
    if len(text) > 2:
        return int(text)
    return int(text) + (2000 if int(text) <= _LAST_SHORT_YEAR else 1900)
