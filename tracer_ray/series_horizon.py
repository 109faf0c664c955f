"""How far forecasts of series look: days, weeks or months ahead, and what a year of each has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tracer_ray.blueprint import PERIOD, Blueprint, Choice, Parameter, Settings, Variants
from tracer_ray.errors import BlueprintError
from tracer_ray.periods import Period

SEASON: Mapping[Period, str] = {  # what comes again, and makes a row like an earlier one
    Period.DAY: "day_of_week",
    Period.WEEK: "week_of_year",
    Period.MONTH: "month",
}

YEARS = 4  # of the past that weeks and months are compared over


@dataclass(frozen=True)
class Longer:
    """A series of more than days: how far ahead it is forecast, and over how many it is summed.

    From `enough` rows on it may have a model of its own; a `year` has so many.
    """

    steps: int
    few: int
    enough: int
    year: int


LONGER = {
    Period.WEEK: Longer(steps=13, few=4, enough=104, year=52),
    Period.MONTH: Longer(steps=12, few=3, enough=36, year=12),
}


@dataclass(frozen=True)
class Horizon:
    """How far a forecast looks: so many `steps` of a period."""

    steps: int
    period: Period = Period.DAY

    def __str__(self) -> str:
        """As a blueprint says it.

        >>> str(Horizon(12, Period.MONTH))
        '1 to 12 months ahead'
        """
        return f"1 to {self.steps} {self.period}s ahead"

    def enough(self, days: int) -> int:
        """The rows from which on a series may have a model of its own, `days` of daily ones."""
        return days if self.period is Period.DAY else LONGER[self.period].enough

    def sums(self, days: int) -> tuple[int, ...]:
        """Over how many periods an answer is summed: `days` where they are daily, and all."""
        few = days if self.period is Period.DAY else LONGER[self.period].few
        return tuple(sorted({few, self.steps}))


def horizon_variants(make: Callable[[Horizon], Blueprint], days: tuple[int, ...]) -> Variants:
    """A forecast of so many `days` ahead, the first by default, or of weeks or months.

    A shorter horizon is learned for itself: models look no further ahead than they are asked to.
    Raises BlueprintError where days are chosen for a longer period.
    """
    how_far = Parameter(
        "horizon_days",
        "how many days ahead is forecast",
        str(days[0]),
        tuple(Choice(str(each), f"each of the next {each} days") for each in sorted(days)),
    )
    longer = (
        Choice(each, f"rows are added up by {each}, and the next {of.steps} {each}s are forecast")
        for each, of in LONGER.items()
    )
    each_day = Choice(Period.DAY, "rows are added up by day")
    period = Parameter(PERIOD, "how much time a row stands for", Period.DAY, (each_day, *longer))

    def made(settings: Settings) -> Blueprint:
        chosen, wanted = Period(settings[period.name]), settings[how_far.name]
        if chosen is Period.DAY:
            return make(Horizon(int(wanted)))
        if wanted != how_far.default:
            raise BlueprintError(
                f"{how_far.name}={wanted} counts days, and {period.name}={chosen} is forecast "
                f"{LONGER[chosen].steps} {chosen}s ahead; set one of the two"
            )
        return make(Horizon(LONGER[chosen].steps, chosen))

    return Variants((how_far, period), made)
