"""Whole forecasts: a request that names no time is asked for every period of the horizon.

Each period (a day, week or month) is a request of its own, answered by the path that answers any
row, and these are then put together: their path, their sums with intervals, the trend, and whether
there is a season.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tracer_ray.blueprint import DateOrder, Source
from tracer_ray.data.spelling import fold
from tracer_ray.data.times import instant, moment_text
from tracer_ray.errors import RequestError
from tracer_ray.feature_program.state import OWNERS
from tracer_ray.features import TARGET
from tracer_ray.periods import Period
from tracer_ray.prediction.loaded_release import LoadedRelease
from tracer_ray.prediction.outputs import DECIMALS
from tracer_ray.prediction.questions import Question
from tracer_ray.prediction.recent import read_recent
from tracer_ray.prediction.request_fields import EXPLAIN, FUTURE, RECENT
from tracer_ray.prediction.requests import Request, is_set, request_rows
from tracer_ray.prediction.seasons import has_season
from tracer_ray.prediction.told import Told
from tracer_ray.rows import Float32Array, FloatArray


@dataclass(frozen=True)
class Days:
    """Requests, whole forecasts among them laid out day by day.

    `spans` says for each of the original requests where its days stand in `requests`;
    `is_whole` whether they are put together again.
    """

    requests: tuple[Request, ...]
    spans: tuple[slice, ...]
    is_whole: tuple[bool, ...]
    errors: Mapping[int, RequestError]


def lay_out(loaded: LoadedRelease, requests: Sequence[Request]) -> Days:
    """One request per day for those that name no day; the others as they are."""
    laid: list[Request] = []
    spans, is_whole = [], []
    errors: dict[int, RequestError] = {}
    for position, request in enumerate(requests):
        start = len(laid)
        is_forecast = isinstance(request, Mapping) and not _names_day(loaded, request)
        try:
            laid += _days(loaded, request) if is_forecast else [request]
        except RequestError as error:
            errors[position] = error
        spans.append(slice(start, len(laid)))
        is_whole.append(is_forecast)
    return Days(tuple(laid), tuple(spans), tuple(is_whole), errors)


def forecast(loaded: LoadedRelease, days: Sequence[Told]) -> dict[Source, object]:
    """What a whole forecast says, from what is said of its days; totals by their days."""
    values = np.array([float(str(day.output.values[Source.VALUE])) for day in days])
    values = np.where(_is_open(loaded, days), values, 0.0)
    question = days[0].question
    sums, letter = _totals(loaded, question, values), loaded.blueprint.period.letter
    return {
        Source.PATH: [_day(day, value) for day, value in zip(days, values.tolist(), strict=True)],
        Source.TOTAL: {span: total for span, (total, _) in sums.items()},
        Source.TOTAL_INTERVALS: {f"{span}{letter}": ends for span, (_, ends) in sums.items()},
        Source.TREND: _trend(loaded, question, values, sums),
        Source.SEASONALITY: has_season(loaded, question),
    }


def _names_day(loaded: LoadedRelease, request: Request) -> bool:
    time = loaded.blueprint.time
    names = {fold(name) for name in time.names} if time else set()
    return any(fold(str(name)) in names for name, value in request.items() if value is not None)


def _days(loaded: LoadedRelease, request: Request) -> list[Request]:
    """The request once for each period, with what is known of it beforehand."""
    blueprint, time = loaded.blueprint, loaded.blueprint.time
    if time is None or loaded.data_until is None:
        raise RequestError(f"{blueprint.id}: rows have no time to forecast from")
    if is_set(EXPLAIN, _control(request, EXPLAIN) or False):
        each = f"{blueprint.period}s are explained one by one"
        raise RequestError(f"field {EXPLAIN!r}: {each}; give {time.name!r}")
    asked = {name: value for name, value in request.items() if fold(str(name)) != FUTURE}
    start, begin = _start(loaded, request), blueprint.period.begin
    dates = [moment_text(begin(start, n))[:10] for n in range(blueprint.horizon_steps)]
    known = _future(loaded, request, dates)
    return [{**asked, **known.get(date, {}), time.name: date} for date in dates]


def _start(loaded: LoadedRelease, request: Request) -> int:
    """The first period after all that is known, rows given with the request among it."""
    until = loaded.data_until or 0
    recent = _control(request, RECENT)
    if recent:
        entity = loaded.blueprint.entity
        names = [request.get(name) for name in entity.names] if entity else []
        owner = loaded.owner_of(*(str(name) for name in names if name is not None))
        rows = read_recent(loaded.reader, request_rows(RECENT, recent), owner)
        until = max(until, int(rows.times.max(initial=until)))
    return loaded.blueprint.period.begin(until, after=1)


def _future(
    loaded: LoadedRelease, request: Request, dates: Sequence[str]
) -> dict[str, dict[str, object]]:
    """What is given of coming periods, by date; RequestError for one that isn't forecast."""
    time = loaded.blueprint.time
    names = {fold(name) for name in time.names} if time else set()
    known: dict[str, dict[str, object]] = {}
    for number, row in enumerate(request_rows(FUTURE, _control(request, FUTURE) or ()), 1):
        day = next((_date(value) for name, value in row.items() if fold(str(name)) in names), "")
        if day not in dates:
            period = loaded.blueprint.period
            which = "a day" if period is Period.DAY else f"the first day of a {period}"
            raise RequestError(
                f"field 'future', row {number}: expected {which} from {dates[0]} to {dates[-1]} "
                f"as {time.name if time else 'date'!r}, got {day!r}"
            )
        known[day] = {name: value for name, value in row.items() if fold(str(name)) not in names}
    return known


def _date(value: object) -> str:
    """The date of a time; anything else as it is.

    >>> _date("2024-02"), _date("2024-02-05T10:00"), _date("soon")
    ('2024-02-01', '2024-02-05', 'soon')
    """
    found = instant(value, DateOrder.YEAR_FIRST)
    return str(value)[:10] if found is None else moment_text(found)[:10]


def _control(request: Request, name: str) -> object:
    return next((value for key, value in request.items() if fold(str(key)) == name), None)


def _is_open(loaded: LoadedRelease, days: Sequence[Told]) -> np.ndarray:
    """Which days are taken to have a row at all."""
    rule = loaded.blueprint.open_days
    if rule is None:
        return np.ones(len(days), np.bool_)
    features = np.array([day.features for day in days])
    target = days[0].question.target
    is_open = _feature(loaded, rule.feature, target, features) >= rule.at_least
    if rule.young is None:
        return is_open
    name, enough = rule.young
    return np.asarray(is_open | (_feature(loaded, name, target, features) < enough))


def _feature(loaded: LoadedRelease, name: str, target: str, features: np.ndarray) -> Float32Array:
    column: Float32Array = features[:, loaded.program.names.index(name.replace(TARGET, target))]
    return column


def _day(day: Told, value: float) -> dict[str, object]:
    interval = day.output.values.get(Source.INTERVAL)
    return {
        "date": moment_text(day.time)[:10],
        "value": value,
        "interval": interval if value else [0.0, 0.0],
    }


def _totals(
    loaded: LoadedRelease, question: Question, values: FloatArray
) -> dict[int, tuple[float, list[float] | None]]:
    """The sums over each declared number of periods, with their intervals where they are known."""
    errors = {each.steps: each for each in loaded.targets[question.target].uncertainty.totals}
    totals: dict[int, tuple[float, list[float] | None]] = {}
    for span in sorted({field.steps for field in loaded.blueprint.output if field.steps}):
        total, error = float(values[:span].sum()), errors.get(span)
        if error is None:
            totals[span] = (round(total, DECIMALS), None)
            continue
        ends = [round(end, DECIMALS) for end in error.interval(total)]
        totals[span] = (round(error.total(total), DECIMALS), ends)
    return totals


def _trend(
    loaded: LoadedRelease,
    question: Question,
    values: FloatArray,
    sums: Mapping[int, tuple[float, list[float] | None]],
) -> dict[str, object] | None:
    """The forecast's average open period beside that of as many latest ones.

    Of days over the shortest sum, of longer periods over the longest, where the time of year counts
    least. Up or down only where the interval of the sum lies wholly on that side.
    """
    period = loaded.blueprint.period
    span = (min if period is Period.DAY else max)(sums, default=0)
    open_steps = int((values[:span] > 0.0).sum())
    history = loaded.program.owners
    if not open_steps:
        return None
    names = np.array([question.owner], dtype=object)
    states = question.state.take(OWNERS, names, history.width)
    latest = history.newest(question.target, states, open_steps)[0]
    latest = latest[np.isfinite(latest)]
    if not len(latest) or latest.mean() <= 0.0:
        return None
    recent, (total, ends) = float(latest.mean()), sums[span]
    low, high = (end / open_steps for end in ends or (0.0, np.inf))
    direction = "up" if low > recent else "down" if high < recent else "flat"
    change = total / open_steps / recent - 1.0
    return {
        "direction": direction,
        "change": round(change, 4),
        f"latest_{period.adjective}_average": round(recent, DECIMALS),
        f"forecast_{period.adjective}_average": round(total / open_steps, DECIMALS),
        f"{period}s": len(latest),
    }
