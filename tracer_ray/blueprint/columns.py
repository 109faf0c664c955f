"""The columns of a blueprint's rows: how users name them, and how raw rows become these."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the values of a column are read."""

    NUMBER = "number"  # float64, null is NaN
    CATEGORY = "category"  # text, null is ""
    FLAG = "flag"  # 1.0 or 0.0 from true/false, yes/no, 1/0; null is NaN
    TIME = "time"  # UTC, microseconds


class DateOrder(StrEnum):
    """Which part of a date comes first, where it is written in numbers."""

    YEAR_FIRST = "year first"  # 2024-01-31, and all that says the same without a question
    DAY_FIRST = "day first"  # 31/01/2024 too
    MONTH_FIRST = "month first"  # 01/31/2024 too
    DAY_TO_SHORT_YEAR = "day first, year of two digits"  # 31-01-24 too, which others end with a day
    MONTH_TO_SHORT_YEAR = "month first, year of two digits"  # 01-31-24 too

    @property
    def is_day_first(self) -> bool:
        """Whether the day comes before the month."""
        return self in (DateOrder.DAY_FIRST, DateOrder.DAY_TO_SHORT_YEAR)


class Role(StrEnum):
    """What a column is to the problem, above all when its value becomes known."""

    ENTITY = "entity"  # who: owns history, and gets a model of its own
    LABEL = "label"  # a readable name of the entity, accepted in requests
    ROW = "row"  # identifies the row, where the entity and the time do not
    TIME = "time"  # when the row happens; its outcome is known afterwards
    ORDER = "order"  # orders rows of one instant, where times are coarse
    SEGMENT = "segment"  # groups rows that may share a model of their own
    KNOWN = "known"  # known at the as-of time: may be used as it is
    OUTCOME = "outcome"  # known only afterwards: only earlier rows' values may be used


@dataclass(frozen=True)
class Wording:
    """Another way in which raw columns say a flag: its opposite, a number, or being filled in.

    A raw column of one of these `names` is a number that says it `above` a limit; or a time that
    says it where it is `filled`, as that of leaving does, or with False where it is not, as that of
    a purchase says what was abandoned. Without either it is a flag of the opposite.
    """

    names: tuple[str, ...]
    above: float | None = None
    filled: bool | None = None

    @property
    def is_opposite(self) -> bool:
        """Whether a yes of the raw column is a no."""
        return self.above is None and self.filled is None


@dataclass(frozen=True)
class Statuses:
    """Words by which a raw column says a flag: `yes`, `no`, or `open` where it can't be told yet.

    Each is a text of words with spaces between them, and an underscore for a space within one; how
    they are written makes no difference. A row that is open has no outcome.
    """

    yes: str = ""
    no: str = ""
    open: str = ""


@dataclass(frozen=True)
class Way:
    """What of an amount goes one way: told by a raw column's words, or else by the amount's sign.

    `amounts` and `told_by` are raw names; `words` say this way and `others` that it is not.
    """

    amounts: tuple[str, ...]
    told_by: tuple[str, ...]
    words: tuple[str, ...]
    others: tuple[str, ...]
    sign: float


@dataclass(frozen=True)
class Overrun:
    """A flag that two raw columns say: whether what came (`names`) is beyond what was planned.

    Both are times, or numbers, by `kind`; a plan without a time of day is over with its day.
    `date_orders` are what the data show of the two.
    """

    names: tuple[str, ...]
    planned: tuple[str, ...]
    kind: Kind = Kind.TIME
    date_orders: tuple[DateOrder, DateOrder] = (DateOrder.YEAR_FIRST, DateOrder.YEAR_FIRST)


@dataclass(frozen=True)
class Column:
    """One column of the normalised rows, and the names users give it.

    A flag may have other `wordings`, looked for where none of its names is there, and `statuses`
    that say it beside yes and no and its own names. With `is_change`
    a number (a price) is taken as the natural logarithm of its ratio to the entity's row before.
    A time has the `date_order` that was found in the data. A number of things that is summed by day
    may be `counted_by` columns that name the things: each row with such a name counts one. What was
    paid in or out may be one `way` of a column of payments. A flag may also be said by `overruns`,
    looked for last.
    """

    name: str
    kind: Kind
    role: Role
    description: str
    unit: str = ""
    aliases: tuple[str, ...] = ()
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    wordings: tuple[Wording, ...] = ()
    statuses: Statuses = Statuses()
    is_change: bool = False
    date_order: DateOrder = DateOrder.YEAR_FIRST
    counted_by: tuple[str, ...] = ()
    way: Way | None = None
    overruns: tuple[Overrun, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The accepted names, the column's own first."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Leak:
    """Raw columns that look known and are not: they are never taken as extra columns."""

    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Pair:
    """A column that a raw row carries twice, once for each side."""

    column: str
    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True)
class Sides:
    """How a row in which two sides meet is unfolded into one row per side.

    `pairs[0]` names the sides themselves and fills the entity column; every pair also fills
    `opponent_<column>`. `won` is the outcome column to fill: from a column named in `result`
    (true/false, a side's name, a code in `first_wins`/`second_wins`/`draw`, or both scores), else
    from the pair named by `score`, else from both scores in one of `scorelines`, else from
    `winner_first`: names whose presence says that the first side won every row. A draw is won by
    neither side. `home` is filled with 1.0 and -1.0 where the first side was found under a name in
    `home_first`, or a column named in `home_told_by` says where it plays, with 0.0 where nothing is
    known.
    """

    pairs: tuple[Pair, ...]
    won: str
    result: tuple[str, ...] = ()
    score: str = ""
    scorelines: tuple[str, ...] = ()
    winner_first: tuple[str, ...] = ()
    home: str = ""
    home_first: tuple[str, ...] = ()
    home_told_by: tuple[str, ...] = ()
    first_wins: tuple[str, ...] = (
        "h",
        "a_win",
        "first",
        "1",
        "w",
        "win",
        "won",
        "1-0",
        "white",
        "blue",
    )
    second_wins: tuple[str, ...] = (
        "a",
        "b_win",
        "second",
        "2",
        "l",
        "loss",
        "lost",
        "0-1",
        "black",
        "red",
    )
    draw: tuple[str, ...] = ("d", "draw", "x", "tie", "1/2-1/2", "½-½")
    at_home: tuple[str, ...] = ("h", "home", "1", "true")
    away: tuple[str, ...] = ("a", "away", "0", "false", "@")


@dataclass(frozen=True)
class Exclusion:
    """Rows that are no outcome at all (a player on the bench), left out and counted.

    A row stays where `column` is above `above`; where the column is absent every row stays.
    """

    column: str
    above: float
    reason: str


def names(text: str) -> tuple[str, ...]:
    """Names of columns from a text that has spaces between them.

    >>> names("churn exited has_left")
    ('churn', 'exited', 'has_left')
    """
    return tuple(text.split())
