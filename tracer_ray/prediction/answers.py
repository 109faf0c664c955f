"""Answers: features of rows yet to happen, what the models say of them, and what to tell.

One pass per batch: requests are read, checked against what the release knows, given their features
together, and answered target by target. What can't be answered is an error in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from tracer_ray.blueprint import FORECAST_SOURCES, OutputField, Source
from tracer_ray.data.times import moment_text
from tracer_ray.errors import RequestError
from tracer_ray.prediction.explanation import Answers, explanations
from tracer_ray.prediction.forecasts import forecast, lay_out
from tracer_ray.prediction.loaded_release import LoadedRelease
from tracer_ray.prediction.newest import from_newest_row, with_newest_rows
from tracer_ray.prediction.next_rows import NextRows, next_rows
from tracer_ray.prediction.outputs import Output, outputs
from tracer_ray.prediction.protocols import protocols
from tracer_ray.prediction.questions import Question, understand
from tracer_ray.prediction.ranking import DATED
from tracer_ray.prediction.request_fields import EXPLANATION
from tracer_ray.prediction.requests import Request
from tracer_ray.prediction.responses import respond, with_prices
from tracer_ray.prediction.told import Told
from tracer_ray.releases.tables import Level
from tracer_ray.rows import Float32Array, Vantage

Answered = dict[str, object]


@dataclass(frozen=True)
class Reply:
    """An answer or an error, and what it was made of: one row, or one per day of a forecast."""

    said: Answered | RequestError
    told: tuple[Told, ...] = ()


def reply(loaded: LoadedRelease, requests: Sequence[Request], now: int) -> list[Reply]:
    """A reply per request, in their order; none depends on another.

    `now` (microseconds, UTC) is the time of rows that name none; over a horizon a request that
    names no day is answered for all of it.
    """
    if not loaded.blueprint.horizon_steps:
        return [_replied(loaded, each) for each in _tell(loaded, requests, now)]
    days = lay_out(loaded, requests)
    told = _tell(loaded, days.requests, now)
    return [
        Reply(days.errors[position])
        if position in days.errors
        else _whole(loaded, told[span])
        if is_whole
        else _replied(loaded, told[span.start])
        for position, (span, is_whole) in enumerate(zip(days.spans, days.is_whole, strict=True))
    ]


def _tell(
    loaded: LoadedRelease, requests: Sequence[Request], now: int
) -> list[Told | RequestError]:
    read = with_newest_rows(loaded, loaded.reader.read(requests))
    found: dict[int, Told | RequestError] = dict(read.errors)
    if read.positions:
        rows = with_prices(loaded, next_rows(read.table, loaded.blueprint, now))
        questions, errors = understand(loaded, read, rows)
        told = _told(
            loaded, list(questions.values()), rows.take(np.array(list(questions), np.int64))
        )
        found |= errors
        found |= {each.question.position: each for each in told}
    return [found[position] for position in range(len(requests))]


def _told(loaded: LoadedRelease, questions: Sequence[Question], rows: NextRows) -> list[Told]:
    """What is said of questions, target by target."""
    rows = _seen_ahead(loaded, questions, rows)
    features = _features(loaded, questions, rows)
    told: list[Told] = []
    for target in dict.fromkeys(question.target for question in questions):
        chosen = np.array([i for i, each in enumerate(questions) if each.target == target])
        asked = [questions[place] for place in chosen.tolist()]
        views, models = rows.views_of(chosen), loaded.targets[target]
        said = models.predict(features[views], rows.views.entities[views])
        controls, part = [each.controls for each in asked], rows.take(chosen)
        values = outputs(models, said, part, controls)
        whys = explanations(loaded, models, Answers(part, features[views], said, controls))
        times = rows.times[chosen].tolist()
        values = _with_responses(loaded, asked, values, rows.take(chosen))
        own = features[rows.first[chosen]]
        told += [Told(*each) for each in zip(asked, values, times, own, whys, strict=True)]
    return told


def _with_responses(
    loaded: LoadedRelease, asked: Sequence[Question], values: list[Output], rows: NextRows
) -> list[Output]:
    """The outputs with what the quantity does when the price is moved, where that is declared."""
    response = loaded.blueprint.response
    if response is None or asked[0].target != response.target:
        return values
    prices = rows.views.numbers[response.price][rows.first].tolist()
    quantities = [float(str(each.values[Source.VALUE])) for each in values]
    said = [respond(loaded, *each) for each in zip(asked, prices, quantities, strict=True)]
    return [
        replace(output, values={**output.values, **more})
        for output, more in zip(values, said, strict=True)
    ]


def _seen_ahead(loaded: LoadedRelease, questions: Sequence[Question], rows: NextRows) -> NextRows:
    """The rows as they are seen from the newest known day, where the blueprint has a horizon."""
    until = loaded.data_until
    if not loaded.blueprint.horizon_steps or until is None:
        return rows
    as_of = [
        question.as_of(time, until, loaded.blueprint.period)
        for question, time in zip(questions, rows.times.tolist(), strict=True)
    ]
    vantage = Vantage(np.array(as_of, np.int64), np.zeros(len(as_of), np.bool_))
    return replace(rows, views=replace(rows.views, vantage=vantage))


def _features(loaded: LoadedRelease, questions: Sequence[Question], rows: NextRows) -> Float32Array:
    """The features of every view: in one pass, but for questions with a state of their own."""
    program, vocabulary = loaded.program, loaded.vocabulary
    features = program.transform_next(loaded.state, vocabulary, rows.views)
    for place, question in enumerate(questions):
        if question.state is not loaded.state:
            views, own = rows.views_of(np.array([place])), rows.take(np.array([place]))
            features[views] = program.transform_next(question.state, vocabulary, own.views)
    return features


def _replied(loaded: LoadedRelease, told: Told | RequestError) -> Reply:
    if isinstance(told, RequestError):
        return Reply(told)
    return Reply(_answered(loaded, told), (told,))


def _answered(loaded: LoadedRelease, told: Told) -> Answered:
    values = dict(told.output.values)
    if told.why:
        values[Source.REASONS] = told.why.reasons_json()
        reasons, target = told.why.reasons, told.question.target
        values[Source.PROTOCOLS] = protocols(loaded.blueprint, target, told.output, reasons)
    fields = {
        field.name: _value(field, values.get(field.source))
        for field in loaded.blueprint.output
        if field.source not in FORECAST_SOURCES
    }
    said = _answer(loaded, told, {**fields, **_market(loaded, told.question, told.output)})
    is_asked = told.why is not None and told.question.controls.explain
    return {**said, EXPLANATION: told.why.to_json()} if told.why and is_asked else said


def _value(field: OutputField, value: object) -> object:
    """The value of a field; a tail's for its share."""
    return value.get(field.share) if isinstance(value, dict) and field.share else value


def _whole(loaded: LoadedRelease, days: Sequence[Told | RequestError]) -> Reply:
    """A whole forecast, or the first error among its days."""
    told = tuple(day for day in days if isinstance(day, Told))
    if len(told) < len(days):
        return Reply(next(day for day in days if isinstance(day, RequestError)))
    said = forecast(loaded, told)
    totals = cast(Mapping[int, object], said[Source.TOTAL])
    fields = {
        field.name: totals[field.steps] if field.source is Source.TOTAL else said[field.source]
        for field in loaded.blueprint.output
        if field.source in FORECAST_SOURCES
    }
    return Reply(_answer(loaded, told[0], fields), told)


def _answer(loaded: LoadedRelease, told: Told, fields: Answered) -> Answered:
    blueprint, question = loaded.blueprint, told.question
    record = loaded.targets[question.target].records.get(question.owner)
    known = moment_text(question.known_until) if question.known_until else loaded.as_of
    who: Answered = {"entity": question.owner if blueprint.entity else question.row}
    if blueprint.entity:
        named = loaded.owners.get(question.owner)
        who["label"] = named.label if named else question.owner
    if len(question.names) > 1:
        who["opponent"] = question.names[1]
    if blueprint.ranks:
        who[DATED] = moment_text(told.time)[:10]
    return {
        "blueprint": blueprint.id,
        "target": question.target,
        **who,
        **fields,
        "as_of": known,
        "release": loaded.name,
        "level": told.output.level.value,
        "reason": (record.reason if record else _why_default(loaded, question))
        + _unknown_opponent(loaded, question)
        + from_newest_row(loaded, question.row),
    }


def _market(loaded: LoadedRelease, question: Question, output: Output) -> Answered:
    """The line and the odds that a bet was judged at, where the blueprint judges any."""
    if all(field.source is not Source.RECOMMENDATION for field in loaded.blueprint.output):
        return {}
    return {"line": question.controls.line, "odds": output.odds}


def _why_default(loaded: LoadedRelease, question: Question) -> str:
    """Why the pooled model, or the baseline, answers for somebody without a record."""
    owner, models = loaded.blueprint.owner, loaded.targets[question.target]
    if owner is None:
        return models.reason or "the rows have no owner with a history: one model answers for all"
    is_new = question.owner in loaded.known_until
    past = "newer rows" if is_new else "no past"
    given = "the rows given" if question.controls.recent else past
    who = "the baseline" if models.standing is Level.BASELINE else "the pooled model"
    said = f"{owner.name} {question.owner!r} is not in the release: {who} answers, knowing {given}"
    return f"{said}; {models.reason}" if models.reason else said


def _unknown_opponent(loaded: LoadedRelease, question: Question) -> str:
    unknown = [name for name in question.names[1:] if name not in loaded.owners]
    return f"; the other side, {unknown[0]!r}, is not in the release" if unknown else ""
