"""Answering the rows of one HTTP request, each by the release whose turn it is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tracer_ray.errors import RequestError
from tracer_ray.prediction.answers import Answered
from tracer_ray.prediction.requests import Request
from tracer_ray.serving.meter import ANSWERS, VARIANTS, Meter
from tracer_ray.serving.routing import Contestant, Routes


@dataclass(frozen=True)
class Asking:
    """One HTTP request: who answers it, as it was when it came, and the client's own key."""

    routes: Routes
    key: str
    meter: Meter

    def answer(self, rows: Sequence[Request], first: int = 0) -> list[Answered | RequestError]:
        """An answer or error per row, in their order; `first` is the number of the first one."""
        said: dict[int, Answered | RequestError] = {}
        for contestant, positions in self.routes.groups(rows, self.key):
            answers = contestant.predictor.answer([rows[position] for position in positions])
            self._count(contestant, answers)
            said.update(zip(positions, _labelled(contestant, answers), strict=True))
        return [said[position] for position in range(len(rows))]

    def _count(self, contestant: Contestant, answers: Sequence[Answered | RequestError]) -> None:
        """Count what answered: a level, or error where nothing did; and who, during a test."""
        blueprint = contestant.predictor.blueprint.id
        levels = Counter(
            "error" if isinstance(each, RequestError) else str(each["level"]) for each in answers
        )
        for level, number in levels.items():
            self.meter.record(ANSWERS, number, blueprint, level)
        if self.routes.challengers:
            self.meter.record(VARIANTS, len(answers), blueprint, contestant.variant.value)


def _labelled(
    contestant: Contestant, answers: Sequence[Answered | RequestError]
) -> list[Answered | RequestError]:
    variant = contestant.variant.value
    return [
        each if isinstance(each, RequestError) else {**each, "variant": variant} for each in answers
    ]
