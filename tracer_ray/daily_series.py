"""What forecasts of series share, whatever is forecast: features, baselines, portfolio, output.

A series has one row per day; features read it on a logarithmic scale, as a whole and narrowed to
the same weekday, or the same weekday and plan.
"""

from collections.abc import Callable
from dataclasses import replace

from tracer_ray.blueprint import (
    Baseline,
    Blueprint,
    Choice,
    OpenDays,
    OutputField,
    Parameter,
    Portfolio,
    Settings,
    Source,
    SplitPlan,
    Variants,
    candidate,
)
from tracer_ray.features import TARGET, Feature, Op, calendar, history

_WEEKDAY = ("day_of_week",)
_PRESENCE = "rows_8_weeks_same_day_of_week"

# A day is forecast where at least half of the last eight weeks had one like it.
OPEN_WEEKDAYS = OpenDays(_PRESENCE, at_least=4.0)

# A tenth of a short series is too little to tell how far forecasts fall from outcomes.
SERIES_SPLIT = SplitPlan(calibration_days=28.0)


def horizon_variants(
    base: Blueprint, days: tuple[int, ...], output: Callable[[int], tuple[OutputField, ...]]
) -> Variants:
    """A forecast of so many `days` ahead, the first by default; `output` are a horizon's fields.

    A shorter horizon is learned for itself: models look no further ahead than they are asked to.
    """
    parameter = Parameter(
        "horizon_days",
        "how many days ahead is forecast",
        str(days[0]),
        tuple(Choice(str(each), f"each of the next {each} days") for each in sorted(days)),
    )

    def make(settings: Settings) -> Blueprint:
        ahead = int(settings[parameter.name])
        horizon = f"1 to {ahead} days ahead"
        return replace(base, horizon_days=ahead, horizon=horizon, output=output(ahead))

    return Variants((parameter,), make)


def series_portfolio(start: str = f"log_{TARGET}_mean_4_same_day_of_week") -> Portfolio:
    """What is tried on series: many series carry a large model, few only little beside a naive one.

    `start` is the naive forecast that the cautious candidates begin at.
    """
    return Portfolio(
        pooled=(
            candidate(
                "lightgbm",
                num_leaves=63,
                min_data_in_leaf=100,
                learning_rate=0.04,
                rounds=500,
                subsample=0.7,
                colsample=0.3,
                depth=10,
            ),
            candidate("elastic_net", alpha=0.05, l1_ratio=0.5, start=start),
            candidate(
                "lightgbm",
                num_leaves=7,
                min_data_in_leaf=200,
                learning_rate=0.05,
                rounds=150,
                subsample=0.5,
                colsample=0.3,
                depth=4,
                l2=10.0,
                start=start,
            ),
            candidate("elastic_net", alpha=1.0, l1_ratio=0.9, start=start),
            candidate(
                "xgboost", depth=7, learning_rate=0.04, rounds=400, subsample=0.7, colsample=0.3
            ),
            candidate("elastic_net", alpha=0.01, l1_ratio=0.5, start=start),
        ),
    )


def series_features(planned: tuple[str, ...] = ()) -> tuple[Feature, ...]:
    """The features of a series' past and its calendar.

    `planned` are known columns beside which the same weekday is also looked at.

    >>> names = [feature.name for feature in series_features(("promotion",))]
    >>> "log_@target_mean_12_same_day_of_week_promotion" in names
    True
    """
    offers = [(*_WEEKDAY, column) for column in planned]
    feasts = ("days_to_feast", "days_since_feast")
    parts = ("day_of_week", "day_of_month", "day_of_year", "month", *feasts)
    return (
        Feature("lead_days", Op.LEAD, unit="days"),
        *(calendar(part) for part in parts),
        *(feature for offer in offers for feature in _same(offer, (4, 12, 40), 12)),
        *_same(_WEEKDAY, (4, 12, 52), 8),
        *(feature for column in planned for feature in _level((column,))),
        Feature(_PRESENCE, Op.RECENT_COUNT, window=56, within=_WEEKDAY),
        *history(Op.MEAN, TARGET, 20, within=("day_of_month",), log=True),
        *history(Op.MEAN, TARGET, 50, within=("month",), log=True),
        *history(Op.LAG, TARGET, 1, log=True),
        *history(Op.MEAN, TARGET, 7, 28, 84, 364, log=True),
        *history(Op.EWM, TARGET, 3, 14, 60, 200, log=True),
        *history(Op.STD, TARGET, 28, 120, log=True),
        *history(Op.SLOPE, TARGET, 14, 56, log=True),
        *history(Op.EXPANDING_MEAN, TARGET, log=True),
        Feature("rest_days", Op.REST_DAYS, unit="days"),
    )


def series_baselines(plan: str = "") -> tuple[Baseline, ...]:
    """Seasonal naive, recent average and last value; beside the same plan where there is one."""
    same = f"log_{TARGET}_mean_4_same_day_of_week"
    longer = f"log_{TARGET}_mean_12_same_day_of_week_{plan}"
    beside = (Baseline("average of the last 12 same weekdays and plans", longer),) if plan else ()
    return (
        *beside,
        Baseline("average of the last 4 same weekdays", same),
        Baseline("average of the last 28 rows", f"log_{TARGET}_mean_28"),
        Baseline("last value", f"log_{TARGET}_lag_1"),
    )


def forecast_output(what: str, unit: str, *spans: int) -> tuple[OutputField, ...]:
    """The fields of a forecast: of one day, of the whole horizon, and sums over `spans` of days."""
    sums = tuple(
        OutputField(
            f"forecast_{days}d", Source.TOTAL, f"{what} of the next {days} days", unit, days
        )
        for days in spans
    )
    intervals = OutputField(
        "confidence_interval",
        Source.TOTAL_INTERVALS,
        "80 % intervals of the sums; the report has their measured coverage",
        unit,
    )
    trend = OutputField(
        "trend_analysis",
        Source.TREND,
        "the average coming day beside the latest ones; up or down only beyond the interval",
    )
    return (
        OutputField("predicted_value", Source.VALUE, f"{what} of the day: the median", unit),
        OutputField("interval", Source.INTERVAL, f"80 % interval of the day's {what}", unit),
        *sums,
        *((intervals, trend) if spans else ()),
        OutputField("daily_path", Source.PATH, "each coming day: date, value, interval", unit),
        OutputField(
            "seasonality_flag",
            Source.SEASONALITY,
            "whether weekdays differ beyond chance (Friedman test over 8 weeks)",
        ),
    )


def _same(within: tuple[str, ...], windows: tuple[int, ...], middle: int) -> tuple[Feature, ...]:
    """The level of rows that agree: recent, longer and ever, with their spread."""
    return (
        *history(Op.MEAN, TARGET, *windows, within=within, log=True),
        *history(Op.MEDIAN, TARGET, middle, within=within, log=True),
        *history(Op.EWM, TARGET, 6, 20, within=within, log=True),
        *history(Op.EXPANDING_MEAN, TARGET, within=within, log=True),
        *history(Op.STD, TARGET, 12, within=within, log=True),
    )


def _level(within: tuple[str, ...]) -> tuple[Feature, ...]:
    return (
        *history(Op.EWM, TARGET, 20, within=within, log=True),
        *history(Op.EXPANDING_MEAN, TARGET, within=within, log=True),
    )
