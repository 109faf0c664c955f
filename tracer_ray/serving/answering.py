"""Answering rows, each by the release whose turn it is."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tracer_ray.errors import RequestError
from tracer_ray.prediction.answers import Answered, Reply
from tracer_ray.serving.asked import Asked
from tracer_ray.serving.meter import ANSWERS, VARIANTS, Meter
from tracer_ray.serving.recorder import Recorder
from tracer_ray.serving.routing import Contestant, Routes

Said = Answered | RequestError
AnswerRows = Callable[[Routes, Sequence[Asked]], list[Said]]


@dataclass(frozen=True)
class Observers:
    """Who is told of every answer: the meter, and the recorder where there is one."""

    meter: Meter
    recorder: Recorder | None = None


def answer_rows(observers: Observers, routes: Routes, asked: Sequence[Asked]) -> list[Said]:
    """An answer or error per row, in their order; rows asked together may be of many requests."""
    said: dict[int, Said] = {}
    for contestant, places in routes.groups(asked):
        own = [asked[place] for place in places]
        replies = contestant.predictor.reply([each.request for each in own], own[0].now)
        _count(observers.meter, routes, contestant, replies)
        if observers.recorder:
            observers.recorder.take(routes, contestant, own, replies)
        said.update(zip(places, _labelled(contestant, replies), strict=True))
    return [said[place] for place in range(len(asked))]


def _count(meter: Meter, routes: Routes, contestant: Contestant, replies: Sequence[Reply]) -> None:
    """Count what answered: a level, or error where nothing did; and who, during a test."""
    blueprint = contestant.predictor.blueprint.id
    levels = Counter(
        "error" if isinstance(each.said, RequestError) else str(each.said["level"])
        for each in replies
    )
    for level, number in levels.items():
        meter.record(ANSWERS, number, blueprint, level)
    if routes.challengers:
        meter.record(VARIANTS, len(replies), blueprint, contestant.variant.value)


def _labelled(contestant: Contestant, replies: Sequence[Reply]) -> list[Said]:
    """The answers with the variant that gave them."""
    variant = contestant.variant.value
    return [
        each.said if isinstance(each.said, RequestError) else {**each.said, "variant": variant}
        for each in replies
    ]
