"""Answering the rows of one HTTP request, each by the release whose turn it is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tracer_ray.errors import RequestError
from tracer_ray.prediction.answers import Answered, Reply
from tracer_ray.prediction.requests import Request
from tracer_ray.serving.meter import ANSWERS, VARIANTS, Meter
from tracer_ray.serving.recorder import Recorder
from tracer_ray.serving.recording import Asked
from tracer_ray.serving.routing import Contestant, Routes


@dataclass(frozen=True)
class Observers:
    """Who is told of every answer: the meter, and the recorder where there is one."""

    meter: Meter
    recorder: Recorder | None = None


@dataclass(frozen=True)
class Asking:
    """One HTTP request: its id, who answers it as of when it came, and the client's own key."""

    request_id: str
    routes: Routes
    key: str
    observers: Observers

    def answer(self, rows: Sequence[Request], first: int = 0) -> list[Answered | RequestError]:
        """An answer or error per row, in their order; `first` is the number of the first one."""
        now = datetime.now(UTC)
        said: dict[int, Answered | RequestError] = {}
        for contestant, places in self.routes.groups(rows, self.key):
            replies = contestant.predictor.reply([rows[place] for place in places], now)
            self._count(contestant, replies)
            if self.observers.recorder:
                asked = [Asked(rows[each], first + each, self.request_id, now) for each in places]
                self.observers.recorder.take(self.routes, contestant, asked, replies)
            said.update(zip(places, _labelled(contestant, replies), strict=True))
        return [said[place] for place in range(len(rows))]

    def _count(self, contestant: Contestant, replies: Sequence[Reply]) -> None:
        """Count what answered: a level, or error where nothing did; and who, during a test."""
        meter, blueprint = self.observers.meter, contestant.predictor.blueprint.id
        levels = Counter(
            "error" if isinstance(each.said, RequestError) else str(each.said["level"])
            for each in replies
        )
        for level, number in levels.items():
            meter.record(ANSWERS, number, blueprint, level)
        if self.routes.challengers:
            meter.record(VARIANTS, len(replies), blueprint, contestant.variant.value)


def _labelled(contestant: Contestant, replies: Sequence[Reply]) -> list[Answered | RequestError]:
    """The answers with the variant that gave them."""
    variant = contestant.variant.value
    return [
        each.said if isinstance(each.said, RequestError) else {**each.said, "variant": variant}
        for each in replies
    ]
