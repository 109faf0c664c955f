"""What forecasts of series share, whatever is forecast: features, baselines, portfolio, output.

A series has one row per period (day, week or month); features read it on a logarithmic scale, as a
whole and narrowed to the same season (weekday, week of the year, month), or season and plan.
"""

from tracer_ray.blueprint import (
    Baseline,
    OpenDays,
    OutputField,
    Portfolio,
    Source,
    SplitPlan,
    candidate,
)
from tracer_ray.features import TARGET, Feature, Op, calendar, history
from tracer_ray.periods import Period
from tracer_ray.series_horizon import LONGER, SEASON, YEARS

_WEEKDAY = ("day_of_week",)
_FEASTS = ("days_to_feast", "days_since_feast")
_DATED = {Period.DAY: "date", Period.WEEK: "date of its Monday", Period.MONTH: "date of its first"}
_SEASONAL = {
    Period.DAY: "whether weekdays differ beyond chance (Friedman test over 8 weeks)",
    Period.WEEK: "whether parts of the year differ beyond chance (Friedman test over 3 years)",
    Period.MONTH: "whether months differ beyond chance (Friedman test over 3 years)",
}


# A tenth of a short series is too little to tell how far forecasts fall from outcomes.
SERIES_SPLIT = SplitPlan(calibration_days=28.0)


def seasonal_naive(period: Period = Period.DAY) -> str:
    """The feature that is the seasonal naive forecast: the last four same weekdays, or last year's.

    >>> seasonal_naive(), seasonal_naive(Period.MONTH)
    ('log_@target_mean_4_same_day_of_week', 'log_@target_lag_1_same_month')
    """
    past = "mean_4" if period is Period.DAY else "lag_1"
    return f"log_{TARGET}_{past}_same_{SEASON[period]}"


def series_portfolio(start: str) -> Portfolio:
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


def portfolio_of(period: Period) -> Portfolio:
    """What is tried on series of a period.

    Weeks and months are few: what moves them is learned relative to the year before, cautiously.
    """
    naive = seasonal_naive(period)
    if period is Period.DAY:
        return series_portfolio(naive)
    return Portfolio(
        pooled=(
            candidate("elastic_net", alpha=0.4, l1_ratio=0.9, start=naive, relative=1),
            candidate("elastic_net", alpha=0.2, l1_ratio=0.5, start=naive, relative=1),
            candidate(
                "lightgbm",
                num_leaves=15,
                min_data_in_leaf=30,
                learning_rate=0.02,
                rounds=200,
                subsample=0.6,
                colsample=0.3,
                depth=4,
                l2=30.0,
                start=naive,
                relative=1,
            ),
            candidate("elastic_net", alpha=0.05, l1_ratio=0.5, start=naive, relative=1),
        ),
    )


def open_periods(period: Period = Period.DAY) -> OpenDays:
    """Which coming periods are taken to have a row at all.

    A day where at least half of the last eight weeks had one like it; a week or a month where one
    of the last three years had it, or no whole year of rows is known.
    """
    if period is Period.DAY:
        return OpenDays(_presence(period).name, at_least=4.0)
    young = (f"{TARGET}_count", float(LONGER[period].year))
    return OpenDays(_presence(period).name, at_least=1.0, young=young)


def series_features(
    planned: tuple[str, ...] = (), period: Period = Period.DAY
) -> tuple[Feature, ...]:
    """The features of a series' past and its calendar.

    `planned` are known columns beside which the same season is also looked at.

    >>> names = [feature.name for feature in series_features(("promotion",))]
    >>> "log_@target_mean_12_same_day_of_week_promotion" in names
    True
    """
    lead = Feature(f"lead_{period}s", Op.LEAD, unit=f"{period}s")
    plans = tuple(feature for column in planned for feature in _level((column,)))
    if period is not Period.DAY:
        return (lead, *_of_years(period), *plans, _presence(period))
    offers = [(*_WEEKDAY, column) for column in planned]
    parts = ("day_of_week", "day_of_month", "day_of_year", "month", *_FEASTS)
    return (
        lead,
        *(calendar(part) for part in parts),
        *(feature for offer in offers for feature in _same(offer, (4, 12, 40), 12)),
        *_same(_WEEKDAY, (4, 12, 52), 8),
        *plans,
        _presence(period),
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


def _of_years(period: Period) -> tuple[Feature, ...]:
    """The past of weeks or months: whole years beside each other, and how the latest ones went."""
    year, season = LONGER[period].year, (SEASON[period],)
    part, half = year // 4, year // 2
    parts = (SEASON[period], *(() if period is Period.MONTH else ("month", *_FEASTS)))
    return (
        *(calendar(each) for each in parts),
        *history(Op.LAG, TARGET, 1, 2, within=season, log=True),
        *history(Op.MEAN, TARGET, 3, within=season, log=True),
        *history(Op.EXPANDING_MEAN, TARGET, within=season, log=True),
        *history(Op.LAG, TARGET, 1, 2, log=True),
        *history(Op.MEAN, TARGET, part, year, 2 * year, YEARS * year, log=True),
        *history(Op.EWM, TARGET, 1, part, year, log=True),
        *history(Op.STD, TARGET, year, log=True),
        *history(Op.SLOPE, TARGET, half, 2 * year, log=True),
        *history(Op.COUNT, TARGET),
        *history(Op.EXPANDING_MEAN, TARGET, log=True),
    )


def _presence(period: Period) -> Feature:
    """How many rows of the kind there were lately."""
    if period is Period.DAY:
        name = "rows_8_weeks_same_day_of_week"
        return Feature(name, Op.RECENT_COUNT, window=56, within=_WEEKDAY)
    season = SEASON[period]
    name = f"rows_3_years_same_{season}"
    return Feature(name, Op.RECENT_COUNT, window=3 * 366, within=(season,))


def series_baselines(plan: str = "", period: Period = Period.DAY) -> tuple[Baseline, ...]:
    """Seasonal naive, recent average and last value; beside the same plan where there is one."""
    last = Baseline("last value", f"log_{TARGET}_lag_1")
    if period is not Period.DAY:
        year = LONGER[period].year
        return (
            Baseline(f"same {period} of the year before", seasonal_naive(period)),
            Baseline(f"average of the last {year} rows", f"log_{TARGET}_mean_{year}"),
            last,
        )
    longer = f"log_{TARGET}_mean_12_same_day_of_week_{plan}"
    beside = (Baseline("average of the last 12 same weekdays and plans", longer),) if plan else ()
    return (
        *beside,
        Baseline("average of the last 4 same weekdays", seasonal_naive()),
        Baseline("average of the last 28 rows", f"log_{TARGET}_mean_28"),
        last,
    )


def forecast_output(
    what: str, unit: str, *spans: int, period: Period = Period.DAY
) -> tuple[OutputField, ...]:
    """The fields of a forecast: of one period, of all of them, and sums over `spans` of them.

    >>> [each.name for each in forecast_output("units", "units", 3, period=Period.MONTH)][2:5]
    ['forecast_3m', 'confidence_interval', 'trend_analysis']
    """
    sums = tuple(
        OutputField(
            f"forecast_{steps}{period.letter}",
            Source.TOTAL,
            f"{what} of the next {steps} {period}s",
            unit,
            steps,
        )
        for steps in spans
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
        f"the average coming {period} beside the latest ones; up or down only beyond the interval",
    )
    path = f"each coming {period}: {_DATED[period]}, value, interval"
    return (
        OutputField("predicted_value", Source.VALUE, f"{what} of the {period}: the median", unit),
        OutputField("interval", Source.INTERVAL, f"80 % interval of the {period}'s {what}", unit),
        *sums,
        *((intervals, trend) if spans else ()),
        OutputField(f"{period.adjective}_path", Source.PATH, path, unit),
        OutputField("seasonality_flag", Source.SEASONALITY, _SEASONAL[period]),
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
