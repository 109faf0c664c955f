"""Results that are written in one column, the first side first: `2-1`, `3:0`, `2-2 (4-2 pen.)`."""

import re

import pyarrow as pa

from tracer_ray.data.values import by_distinct, texts

_HOW = r"(?:aet|a\.e\.t\.?|pens?\.?|ot|so|et|ft|n\. ?v\.|n\. ?e\.|i\. ?e\.|\*)"  # how it came about
_SCORELINE = re.compile(
    r"(?P<own>\d{1,3})\s*[-\u2013\u2014:]\s*(?P<other>\d{1,3})"
    rf"(?:\s*{_HOW}|\s*\((?:[\d\s,;:\-\u2013\u2014]|{_HOW})*\))*",
    re.IGNORECASE,
)
_UNPLAYED = re.compile(
    r"[\s\-\u2013\u2014:.*]*|vs?\.?|tb[ad]|p-p|post(?:p\.?|poned)|cancell?ed|abandoned|not played",
    re.IGNORECASE,
)


def first_score(given: pa.Array) -> pa.Array:
    """What the first side scored, float64; null where no scoreline is.

    >>> first_score(pa.array(["2-1", "10 : 3 aet", "6-4 6-3", "1-2 W", None])).to_pylist()
    [2.0, 10.0, None, None, None]
    """
    return _score(given, "own")


def second_score(given: pa.Array) -> pa.Array:
    """What the second side scored, float64; null where no scoreline is.

    >>> second_score(pa.array(["2-2 (4-2 pen.)", "2-1*"])).to_pylist()
    [2.0, 1.0]
    """
    return _score(given, "other")


def is_unplayed(text: str) -> bool:
    """Whether a result is none: nothing but the marks between scores, or a word that says so.

    >>> [is_unplayed(each) for each in ("- : -", "postp.", "½-½", "A")]
    [True, True, False, False]
    """
    return _UNPLAYED.fullmatch(text.strip()) is not None


def _score(given: pa.Array, side: str) -> pa.Array:
    def read(text: object) -> float | None:
        found = _SCORELINE.fullmatch(str(text).strip())
        return float(found[side]) if found else None

    return by_distinct(texts(given), read, pa.float64())
