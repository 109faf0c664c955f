"""A composite as a Python object: its components' champions in this process, asked side by side."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import overload

from tracer_ray.composites.answer import answers_of
from tracer_ray.composites.consultation import (
    WITHIN_S,
    Consultation,
    Status,
    consult,
    failed,
    late,
    no_champion,
)
from tracer_ray.composites.definition import Composite
from tracer_ray.errors import RequestError, ServiceError, TracerError
from tracer_ray.prediction.answers import Answered
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.requests import Request
from tracer_ray.registry.pointers import read_pointer


@dataclass(frozen=True)
class CompositeModel:
    """The predictors of a composite's components, and why the others have none.

    A component that has not answered after `within_s` seconds is gone on without.
    """

    composite: Composite
    predictors: Mapping[str, Predictor]
    missing: Mapping[str, Consultation] = field(default_factory=dict)
    within_s: float = WITHIN_S

    @classmethod
    def open(cls, composite: Composite, home: str) -> "CompositeModel":
        """Load the champions of a home; one that can't be loaded is missing with its reason."""
        predictors: dict[str, Predictor] = {}
        missing: dict[str, Consultation] = {}
        for name in composite.names:
            try:
                pointer = read_pointer(home, name)
                if pointer:
                    predictors[name] = Predictor.open(pointer.uri, pointer.state)
                else:
                    missing[name] = no_champion(name)
            except TracerError as error:
                missing[name] = Consultation(Status.FAILED, str(error))
        return cls(composite, predictors, missing)

    @overload
    def predict(self, data: Request) -> Answered: ...

    @overload
    def predict(self, data: Sequence[Request]) -> list[Answered | RequestError | ServiceError]: ...

    def predict(self, data: Request | Sequence[Request]) -> object:
        """The answer to one request, or an answer or an error for each of several.

        Raises RequestError where no component can answer a single request, ServiceError where none
        has a release that could.
        """
        if not isinstance(data, Mapping):
            return self.answer(data)
        (answer,) = self.answer([data])
        if isinstance(answer, RequestError | ServiceError):
            raise answer
        return answer

    def answer(self, requests: Sequence[Request]) -> list[Answered | RequestError | ServiceError]:
        """An answer or an error per request, in their order; none depends on another."""
        return answers_of(self.composite, requests, self._consult(requests)) if requests else []

    def __repr__(self) -> str:
        """The composite, its objective, and who answers."""
        answering = ", ".join(self.predictors) or "nobody"
        lacking = f"; missing: {', '.join(self.missing)}" if self.missing else ""
        objective = self.composite.objective
        return f"CompositeModel({self.composite.id}, {objective}: {answering}{lacking})"

    def _consult(self, requests: Sequence[Request]) -> Mapping[str, Sequence[Consultation]]:
        """What each component says of each request."""
        threads = ThreadPoolExecutor(max(len(self.predictors), 1), "component")
        asked = {
            name: threads.submit(consult, predictor, requests)
            for name, predictor in self.predictors.items()
        }
        wait(asked.values(), self.within_s)
        threads.shutdown(wait=False, cancel_futures=True)
        said = {name: self._said(each, len(requests)) for name, each in asked.items()}
        absent = {name: [each] * len(requests) for name, each in self.missing.items()}
        return {**said, **absent}

    def _said(self, asked: "Future[list[Consultation]]", count: int) -> Sequence[Consultation]:
        if not asked.done():
            return [late(self.within_s)] * count
        error = asked.exception()
        return [failed(error)] * count if error else asked.result()
