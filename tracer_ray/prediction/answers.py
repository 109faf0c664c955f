"""Answers: features of rows yet to happen, what the models say of them, and what to tell.

One pass per batch: requests are read, checked against what the release knows, given their features
together, and answered target by target. What can't be answered is an error in its place.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tracer_ray.blueprint import Source
from tracer_ray.errors import RequestError
from tracer_ray.prediction.next_rows import NextRows, next_rows
from tracer_ray.prediction.outputs import Output, outputs
from tracer_ray.prediction.questions import Question, moment_text, understand
from tracer_ray.prediction.requests import Request
from tracer_ray.rows import Float32Array

if TYPE_CHECKING:
    from tracer_ray.prediction.predictor import Predictor

Answered = dict[str, object]


def answer(
    predictor: "Predictor", requests: Sequence[Request], now: int
) -> list[Answered | RequestError]:
    """An answer or an error per request, in their order; none depends on another.

    `now` (microseconds, UTC) is the time of rows that name none.
    """
    read = predictor.reader.read(requests)
    found: dict[int, Answered | RequestError] = dict(read.errors)
    if read.positions:
        rows = next_rows(read.table, predictor.blueprint, now)
        questions, errors = understand(predictor, read, rows)
        kept = list(questions.values())
        answers = _answers(predictor, kept, rows.take(np.array(list(questions), np.int64)))
        found |= errors
        found |= {each.position: said for each, said in zip(kept, answers, strict=True)}
    return [found[position] for position in range(len(requests))]


def _answers(
    predictor: "Predictor", questions: Sequence[Question], rows: NextRows
) -> list[Answered]:
    """The answers to questions, target by target."""
    features = _features(predictor, questions, rows)
    answers: dict[int, Answered] = {}
    for target in dict.fromkeys(question.target for question in questions):
        chosen = np.array([i for i, each in enumerate(questions) if each.target == target])
        asked = [questions[place] for place in chosen.tolist()]
        views, models = rows.views_of(chosen), predictor.targets[target]
        said = models.predict(features[views], rows.views.entities[views])
        told = outputs(models, said, rows.take(chosen), [each.controls for each in asked])
        for place, question, values in zip(chosen.tolist(), asked, told, strict=True):
            answers[place] = _told(predictor, question, values)
    return [answers[place] for place in range(len(questions))]


def _features(
    predictor: "Predictor", questions: Sequence[Question], rows: NextRows
) -> Float32Array:
    """The features of every view: in one pass, but for questions with a state of their own."""
    program, vocabulary = predictor.program, predictor.vocabulary
    features = program.transform_next(predictor.state, vocabulary, rows.views)
    for place, question in enumerate(questions):
        if question.state is not predictor.state:
            views, own = rows.views_of(np.array([place])), rows.take(np.array([place]))
            features[views] = program.transform_next(question.state, vocabulary, own.views)
    return features


def _told(predictor: "Predictor", question: Question, output: Output) -> Answered:
    blueprint = predictor.blueprint
    record = predictor.targets[question.target].records.get(question.owner)
    known = moment_text(question.known_until) if question.known_until else predictor.as_of
    who: Answered = {"entity": question.owner if blueprint.entity else question.row}
    if blueprint.entity:
        named = predictor.owners.get(question.owner)
        who["label"] = named.label if named else question.owner
    if len(question.names) > 1:
        who["opponent"] = question.names[1]
    return {
        "blueprint": blueprint.id,
        "target": question.target,
        **who,
        **{field.name: output.values.get(field.source) for field in blueprint.output},
        **_market(predictor, question, output),
        "as_of": known,
        "release": predictor.name,
        "level": output.level.value,
        "reason": (record.reason if record else _why_pooled(predictor, question))
        + _unknown_opponent(predictor, question),
    }


def _market(predictor: "Predictor", question: Question, output: Output) -> Answered:
    """The line and the odds that a bet was judged at, where the blueprint judges any."""
    if all(field.source is not Source.RECOMMENDATION for field in predictor.blueprint.output):
        return {}
    return {"line": question.controls.line, "odds": output.odds}


def _why_pooled(predictor: "Predictor", question: Question) -> str:
    """Why the pooled model answers for somebody without a record."""
    owner = predictor.blueprint.owner
    if owner is None:
        return "the rows have no owner with a history: one model answers for all"
    given = "the rows given" if question.controls.recent else "no past"
    return (
        f"{owner.name} {question.owner!r} is not in the release: "
        f"the pooled model answers, knowing {given}"
    )


def _unknown_opponent(predictor: "Predictor", question: Question) -> str:
    unknown = [name for name in question.names[1:] if name not in predictor.owners]
    return f"; the other side, {unknown[0]!r}, is not in the release" if unknown else ""
