"""How surely a raw name says a column: spelled alike, in other words, or in part."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from enum import IntEnum
from functools import cache

from tracer_ray.analysis.languages import english, without_accents
from tracer_ray.data.spelling import fold
from tracer_ray.data.values import CURRENCY_SIGNS

_NUMBER_SIGN = re.compile(r"#|\b[Nn][º°]")
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_WINDOW = re.compile(r"[ _]?(?:in_the_|in_)?(?:next|within|following)[ _]?\d+[ _]?[a-z]*$", re.I)
_SPAN = re.compile(r"[ _.]?\d{1,3}[ _]?(?:d|days?|w|weeks?|m|mo|months?|h|hours?)?$", re.I)
_SHORT = {
    "acct": "account",
    "amt": "amount",
    "avg": "average",
    "cat": "category",
    "cnt": "count",
    "cust": "customer",
    "client": "customer",
    "buyer": "customer",
    "member": "customer",
    "shopper": "customer",
    "subscriber": "customer",
    "dept": "department",
    "dflt": "default",
    "dly": "delay",
    "dob": "birth",
    "dt": "date",
    "emp": "employee",
    "gm": "game",
    "identifier": "id",
    "inv": "invoice",
    "nbr": "number",
    "no": "number",
    "nr": "number",
    "num": "number",
    "pct": "percent",
    "prod": "product",
    "qty": "quantity",
    "key": "id",
    "tot": "total",
    "trx": "transaction",
    "tx": "transaction",
    "txn": "transaction",
    "uid": "id",
    "ts": "timestamp",
}
_CURRENCIES = ("usd", "eur", "euro", "gbp", "chf")
# words that say that something is a flag or a column, and not what it is about
_DECORATION = frozenset(
    (
        *("is", "has", "was", "did", "the", "of"),
        *("flag", "label", "indicator", "ind", "yn", "value", "status", "target"),
        *_CURRENCIES,
    )
)
# an amount with or without a tax is that amount, and a tax alone is not
_BESIDE_TAX = frozenset(("excl", "incl", "excluding", "including", "inkl", "exkl", "zzgl", "hors"))
_TAXES = frozenset(("tax", "vat", "mwst", "ust", "btw", "iva", "tva"))
_KEYS = frozenset(("number", "code"))  # a "store number" names a store as its id does
# alone they say nothing of what they are about: "bar count" is no count of sales
_COMMON = frozenset(("id", "date", "y", "count", "total", "number", "day", "customer"))
_NEGATION = frozenset(("not", "non", "never", "without", "un", "anti"))
_CLOSE = 0.88
_FEWEST_LETTERS = 6
_FEWEST_LETTERS_OF_A_PART = 3  # "ca" is takings in French, and California in `snap_CA`


class Certainty(IntEnum):
    """How a column was found; from SPELLING on it is sure and used, below it is asked for."""

    NONE = 0
    TYPE = 1  # only its values fit
    PART = 2  # the name has the words among others, or nearly the letters
    SPELLING = 3  # the same words, differently written
    NAME = 4  # a declared name, but for case, spaces and punctuation

    @property
    def is_sure(self) -> bool:
        """Whether it is used without asking."""
        return self >= Certainty.SPELLING


def likeness(name: str, accepted: Sequence[str]) -> Certainty:
    """How surely a raw name says what any of the accepted names says.

    >>> [likeness(each, ["customer_id", "churn"]).name for each in ("cust no", "Churn?", "phone")]
    ['SPELLING', 'NAME', 'NONE']
    >>> [likeness(each, ["churn"]).name for each in ("Customer Churned", "churn flag", "no_churn")]
    ['PART', 'SPELLING', 'NONE']
    >>> likeness("retention_1", ["retention_7"]).name, likeness("Lifetime", ["lifetime_value"]).name
    ('NONE', 'NONE')
    >>> likeness("Omzet excl. btw", ["revenue"]).name, likeness("BTW omzet", ["revenue"]).name
    ('SPELLING', 'PART')
    """
    return max((_likeness(name, each) for each in accepted), default=Certainty.NONE)


@cache
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in one spelling and language, in order.

    >>> words_of("CustID"), words_of("Nbr. of Orders"), words_of("Kundennummer")
    (('customer', 'id'), ('number', 'of', 'order'), ('customer', 'id'))
    >>> words_of("Ticket #"), words_of("Nº Clientes")
    (('ticket', 'id'), ('number', 'customer'))
    >>> words_of("LeaveOrNot"), words_of("no_show"), words_of("n_visits")
    (('leave',), ('not', 'show'), ('number', 'visit'))
    """
    spelled = without_accents(_NUMBER_SIGN.sub(" number ", name))
    said = [word.lower() for word in _WORDS.findall(spelled)]
    found = [each for word in said for each in english(word)]
    if found[:1] == ["no"]:  # "no_show" denies, "cust_no" counts
        found[0] = "not"
    if found[:1] == ["n"] and len(found) > 1:  # "n_visits" counts them
        found[0] = "number"
    if found[-2:] == ["or", "not"]:  # "leave_or_not" is both ways
        found = found[:-2]
    words = [_stem(_SHORT.get(word, word)) for word in found]
    if len(words) > 1 and words[-1] in _KEYS:
        words[-1] = "id"
    return tuple(words)


def words_in(names: Iterable[str]) -> frozenset[str]:
    """The words of all names.

    >>> sorted(words_in(("CustID", "Order Date")))
    ['customer', 'date', 'id', 'order']
    """
    return frozenset(word for name in names for word in words_of(name))


def without_window(name: str) -> str:
    """The name of an outcome without the window that it is told of.

    >>> without_window("converted_next_30d"), without_window("Returned within 14 days")
    ('converted', 'Returned')
    """
    return _WINDOW.sub("", name)


def without_span(name: str) -> str:
    """A name without the span at its end, which may lie behind or ahead.

    >>> without_span("sold_72h"), without_span("DFLT.12M"), without_span("churn")
    ('sold', 'DFLT', 'churn')
    """
    return _SPAN.sub("", name)


def says_currency(name: str) -> bool:
    """Whether a name says what its amounts of money are in.

    >>> says_currency("Ventas (EUR)"), says_currency("Sales $"), says_currency("Sales")
    (True, True, False)
    """
    return bool(set(name) & set(CURRENCY_SIGNS) or set(words_of(name)) & set(_CURRENCIES))


def says_something(name: str) -> bool:
    """Whether a name has a word that is about something.

    >>> says_something("net value"), says_something("Value"), says_something("total")
    (True, False, False)
    """
    return not _core(name) <= _COMMON


@cache
def _likeness(name: str, accepted: str) -> Certainty:
    if fold(name) == fold(accepted):
        return Certainty.NAME
    mine, theirs = _core(name), _core(accepted)
    if not mine or not theirs or (mine ^ theirs) & _NEGATION:
        return Certainty.NONE
    if "value" in words_of(accepted) and "value" not in words_of(name):
        return Certainty.NONE  # the worth of a lifetime, and not how long it was
    if mine == theirs:
        return Certainty.SPELLING
    if _digits(mine) != _digits(theirs):
        return Certainty.NONE
    says_much = not theirs <= _COMMON and max(map(len, theirs)) >= _FEWEST_LETTERS_OF_A_PART
    is_part = theirs < mine and len(mine - theirs) <= 2 and says_much
    return Certainty.PART if is_part or _is_close(name, accepted) else Certainty.NONE


def _core(name: str) -> frozenset[str]:
    words = frozenset(words_of(name)) - _DECORATION
    return words - _BESIDE_TAX - _TAXES if words & _BESIDE_TAX else words


def _digits(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if word.isdigit())


def _is_close(name: str, accepted: str) -> bool:
    """Whether the letters are nearly the same, with or without what says a flag.

    >>> _is_close("isFradulent", "fraudulent"), _is_close("price", "prize")
    (True, False)
    """
    return _are_close(fold(name), fold(accepted)) or _are_close(_bare(name), _bare(accepted))


def _bare(name: str) -> str:
    return "".join(word for word in words_of(name) if word not in _DECORATION)


def _are_close(a: str, b: str) -> bool:
    return min(len(a), len(b)) >= _FEWEST_LETTERS and SequenceMatcher(None, a, b).ratio() >= _CLOSE


def _stem(word: str) -> str:
    """A word without plural and past: "orders" is "order", "purchased" and "purchase" are one.

    >>> [_stem(word) for word in ("orders", "churned", "class", "used", "cities", "purchase")]
    ['order', 'churn', 'class', 'used', 'city', 'purchas']
    """
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("ed") and len(word) > 5:
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return _stem(word[:-1])
    return word[:-1] if word.endswith("e") and len(word) > 6 else word
