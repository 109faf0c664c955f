"""Files of dated events (purchases, logins, tickets), and what rows learn from them.

Events are counted and added up as of each row: only what happened at or before its time is read.
"""

from dataclasses import dataclass
from enum import StrEnum

from tracer_ray.blueprint.columns import Column, Kind, Role

WINDOWS_DAYS = (30, 90, 365)


class Aggregation(StrEnum):
    """What a row learns from its earlier events; without any, counts and sums are 0, else null."""

    COUNT = "count"  # events within a window of days that ends at the row's time
    SUM = "sum"  # of an amount, within such a window
    MEAN = "mean"  # of an amount, over all earlier events
    RECENCY = "days_since_last"
    AGE = "days_since_first"
    ACTIVE_DAYS = "active_days"  # different days (UTC) with an event
    GAP = "usual_gap_days"  # between the first and the last active day, per active day
    OVERDUE = "overdue"  # recency divided by the gap


@dataclass(frozen=True)
class Aggregate:
    """One column that events become: its name, what it is of, and how it is described."""

    name: str
    aggregation: Aggregation
    description: str
    unit: str = ""
    amount: str = ""
    window_days: int = 0

    @property
    def column(self) -> Column:
        """The aggregate as a column of the rows, known at their time."""
        return Column(self.name, Kind.NUMBER, Role.KNOWN, self.description, self.unit)


@dataclass(frozen=True)
class Events:
    """A file of events: whose each is, when it happened, and amounts that can be added up.

    `name` begins the names of the columns that it becomes. `key` finds the column whose values are
    those of the rows' own id.
    """

    name: str
    key: Column
    time: Column
    amounts: tuple[Column, ...] = ()
    windows_days: tuple[int, ...] = WINDOWS_DAYS

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the file that are read."""
        return (self.key, self.time, *self.amounts)

    @property
    def aggregates(self) -> tuple[Aggregate, ...]:
        """The columns that rows get.

        >>> column = Column("date", Kind.TIME, Role.TIME, "the day")
        >>> [each.name for each in Events("login", column, column, (), (30,)).aggregates][:3]
        ['login_count_30d', 'login_days_since_last', 'login_days_since_first']
        """
        amounts = (each for amount in self.amounts for each in self._of_amount(amount))
        return (*self._counts(), *self._times(), *amounts)

    def _counts(self) -> tuple[Aggregate, ...]:
        return tuple(
            Aggregate(
                f"{self.name}_count_{days}d",
                Aggregation.COUNT,
                f"number of rows of {self.name} in the last {days} days",
                window_days=days,
            )
            for days in self.windows_days
        )

    def _times(self) -> tuple[Aggregate, ...]:
        said = (
            (Aggregation.RECENCY, f"time since the last {self.name}", "days"),
            (Aggregation.AGE, f"time since the first {self.name}", "days"),
            (Aggregation.ACTIVE_DAYS, f"number of days with {self.name}", ""),
            (Aggregation.GAP, f"usual time between days with {self.name}", "days"),
            (Aggregation.OVERDUE, f"time since the last {self.name} over the usual time", ""),
        )
        return tuple(Aggregate(f"{self.name}_{how}", how, text, unit) for how, text, unit in said)

    def _of_amount(self, amount: Column) -> tuple[Aggregate, ...]:
        label, unit = f"{self.name}_{amount.name}", amount.unit
        what = f"{amount.name} of {self.name}"
        sums = (
            Aggregate(
                f"{label}_sum_{days}d",
                Aggregation.SUM,
                f"sum of {what} in the last {days} days",
                unit,
                amount.name,
                days,
            )
            for days in self.windows_days
        )
        mean = Aggregate(
            f"{label}_mean", Aggregation.MEAN, f"average {what}", unit, amount=amount.name
        )
        return (*sums, mean)


@dataclass(frozen=True)
class Inactivity:
    """Rows and their outcome are made of events: who goes silent for `days` days.

    Everybody is looked at every `every_days` days, each on days of their own, while there was an
    event of `events` in the `days` before. The `outcome` is 1 where none follows in the `days`
    after, which is known only then. `duration` is filled with the days until the first such silence
    is over, and `has_left` says whether that was seen; else it took longer than the duration.
    """

    events: str
    days: int
    outcome: str
    duration: str
    has_left: str
    every_days: int = 28
