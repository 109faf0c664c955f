"""The declarative list of features: what each reads, and over how much of the past.

A feature of history reads only rows of its key that happened before the row it stands on; a
feature of the row reads a column that is known at the as-of time. How they are computed is in
feature_program/program.py.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

TARGET = "@target"
CALENDAR_PARTS = (
    "day_of_week",
    "day_of_month",
    "day_of_year",
    "week_of_year",  # the first seven days of January are the first
    "month",
    "hour",
    "days_to_feast",  # feasts as in feature_program/feasts.py
    "days_since_feast",
)


class Op(StrEnum):
    """What a feature computes; nulls in the past are skipped, no past gives NaN (counts 0).

    Windows give a number from one value on; STD, EXPANDING_STD and SLOPE need two.
    """

    # of the row itself
    VALUE = "value"  # a known number or flag
    LOG_VALUE = "log_value"  # its natural logarithm, NaN where it is not positive
    SIGNED_LOG = "signed_log"  # sign(x) log(1 + |x|): amounts, zero and negative ones too
    CODE = "code"  # a known category, as an index into the vocabulary of the training rows
    CALENDAR = "calendar"  # the part of the row's time that the feature's unit names
    LEAD = "lead"  # periods (the unit: days, weeks, months) from where it is seen; 1 is the next
    # of the key's earlier rows
    LAG = "lag"  # the value `window` rows ago
    MEAN = "mean"  # over the last `window` rows
    STD = "std"  # sample standard deviation over the last `window` rows
    MIN = "min"
    MAX = "max"
    MEDIAN = "median"
    WEIGHTED_MEAN = "weighted_mean"  # linear weights, the newest row weighs most
    SLOPE = "slope"  # least squares, per row
    MOMENTUM = "momentum"  # mean over `window` minus mean over 4 x `window` rows
    EWM = "ewm"  # exponentially weighted mean, half-life of `window` rows
    EXPANDING_MEAN = "expanding_mean"
    EXPANDING_STD = "expanding_std"
    SEASON_MEAN = "season_mean"  # of the current season; before its first row the last season's
    SEASON_COUNT = "season_count"  # of the current season's earlier rows with a value
    COUNT = "count"  # earlier rows with a value
    REST_DAYS = "rest_days"  # since the last row, at most 60
    RECENT_COUNT = "recent_count"  # rows within the last `window` days, at most 24 per day
    # of two sides' earlier meetings with anybody
    RATING = "rating"  # Elo before the row, `window` is the K factor
    RATING_PROBABILITY = "rating_probability"  # Elo's probability that this side wins


ROW_OPS = frozenset({Op.VALUE, Op.LOG_VALUE, Op.SIGNED_LOG, Op.CODE, Op.CALENDAR, Op.LEAD})
LEVELS = (Op.LAG, Op.MEAN, Op.MEDIAN, Op.EWM, Op.EXPANDING_MEAN)  # as high as the column itself
RATING_OPS = frozenset({Op.RATING, Op.RATING_PROBABILITY})


@dataclass(frozen=True)
class Feature:
    """One named column of the feature matrix.

    `by` is the key whose past is read: "" for the entity; the name of a category column (such as
    the opponent) for the sums of `column` over all rows that shared that key at each time, or for
    their means with `per_row` (the share of a carrier's deliveries that were late on a day).
    `log` reads log(1 + column), of columns that are never negative: averages of what changes by
    shares. `within` narrows the entity's past to the rows that agree with this row in these known
    columns or calendar parts (the same weekday, the same promotion).
    `versus` subtracts the same feature of the opponent's row (blueprints with sides).
    """

    name: str
    op: Op
    column: str = ""
    window: int = 0
    by: str = ""
    versus: bool = False
    unit: str = ""
    within: tuple[str, ...] = ()
    per_row: bool = False
    log: bool = False

    @property
    def reads_own_row(self) -> bool:
        """Whether the feature reads `column` in the row it stands on."""
        return self.op in ROW_OPS

    def on_target(self, target: str) -> "Feature":
        """The feature with a target's name in place of "@target"."""
        return replace(
            self,
            name=self.name.replace(TARGET, target),
            column=self.column.replace(TARGET, target),
        )


def value(column: str, unit: str = "") -> Feature:
    """The known number or flag of the row."""
    return Feature(column, Op.VALUE, column, unit=unit)


def log_value(column: str) -> Feature:
    """The logarithm of the known positive number of the row."""
    return Feature(f"log_{column}", Op.LOG_VALUE, column)


def signed_log(column: str) -> Feature:
    """The known amount of the row on a logarithmic scale that has zero and negative amounts."""
    return Feature(f"log_{column}", Op.SIGNED_LOG, column)


def code(column: str) -> Feature:
    """The known category of the row, as an index; -1 for one not seen in training."""
    return Feature(column, Op.CODE, column)


def calendar(part: str) -> Feature:
    """A part of the row's time in UTC, one of CALENDAR_PARTS; day_of_week 0 is Monday."""
    return Feature(part, Op.CALENDAR, unit=part)


def history(
    op: Op,
    column: str,
    *windows: int,
    by: str = "",
    within: tuple[str, ...] = (),
    per_row: bool = False,
    log: bool = False,
) -> tuple[Feature, ...]:
    """One feature of the past per window: `[by_][row_][log_]column_op[_window][_same_within]`.

    >>> [feature.name for feature in history(Op.MEAN, "points", 5, 10)]
    ['points_mean_5', 'points_mean_10']
    >>> [feature.name for feature in history(Op.EWM, "late", 7, by="carrier", per_row=True)]
    ['carrier_row_late_ewm_7']
    >>> history(Op.MEAN, "sales", 4, within=("day_of_week",))[0].name
    'sales_mean_4_same_day_of_week'
    """
    prefix = (f"{by}_" if by else "") + ("row_" if per_row else "") + ("log_" if log else "")
    suffix = f"_same_{'_'.join(within)}" if within else ""
    return tuple(
        Feature(
            f"{prefix}{column}_{op}" + (f"_{window}" if window else "") + suffix,
            op,
            column,
            window,
            by,
            within=within,
            per_row=per_row,
            log=log,
        )
        for window in windows or (0,)
    )


def versus(features: tuple[Feature, ...]) -> tuple[Feature, ...]:
    """The same features minus those of the opponent's row, named `versus_...`."""
    return tuple(
        replace(feature, name=f"versus_{feature.name}", versus=True) for feature in features
    )
