"""What the components of a composite say of rows that are new to them, and what became of those."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tracer_ray.composites.consultation import Consultation, consult
from tracer_ray.composites.labelled import LabelledRows
from tracer_ray.composites.model import CompositeModel
from tracer_ray.composites.request import own_request
from tracer_ray.composites.unseen import Identity, identify_unseen
from tracer_ray.errors import CompositeError, RequestError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.request_fields import EXPLAIN
from tracer_ray.prediction.requests import Request
from tracer_ray.rows import BoolArray, FloatArray, IntArray, TextArray


@dataclass(frozen=True)
class Evidence:
    """What components said of rows (by component), and what became of them; [rows] each.

    `names` tell whose rows belong together; `times` are in microseconds.
    """

    signals: Mapping[str, FloatArray]
    actual: FloatArray
    times: IntArray
    names: TextArray

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.actual)

    def take(self, chosen: BoolArray) -> "Evidence":
        """Some of the rows."""
        signals = {name: values[chosen] for name, values in self.signals.items()}
        return Evidence(signals, self.actual[chosen], self.times[chosen], self.names[chosen])


@dataclass(frozen=True)
class Gathered:
    """The evidence, and which components say probabilities."""

    evidence: Evidence
    is_probability: Mapping[str, bool]


def gather_evidence(model: CompositeModel, rows: LabelledRows) -> Gathered:
    """What all components that say anything say of the rows that all of them answer.

    Raises CompositeError where fewer than two say anything, or one may have been fitted to a row.
    """
    asked = [{**request, EXPLAIN: False} for request in rows.requests]  # reasons take their time
    said = {name: consult(each, asked) for name, each in model.predictors.items()}
    signals = {name: _signals(each) for name, each in said.items()}
    members = [name for name, values in signals.items() if np.isfinite(values).any()]
    if len(members) < 2:
        raise CompositeError(
            "a combination needs two components that say a probability or a number: "
            + "; ".join(_silence(model, said, name) for name in model.composite.names)
        )
    found = [_identity(model.predictors[name], rows.requests) for name in members]
    times = np.max([each.times for each in found], axis=0) if rows.times is None else rows.times
    answers = {name: signals[name] for name in members}
    everything = Evidence(answers, rows.actual, times, _names(found))
    is_whole: BoolArray = np.all(np.isfinite([rows.actual, *answers.values()]), axis=0)
    return Gathered(
        everything.take(is_whole),
        {name: any(each.event for each in said[name]) for name in members},
    )


def _signals(said: Sequence[Consultation]) -> FloatArray:
    return np.array([np.nan if each.signal is None else each.signal for each in said])


def _silence(model: CompositeModel, said: Mapping[str, Sequence[Consultation]], name: str) -> str:
    """Why a component is no part of it, or that it is."""
    told = [model.missing[name]] if name in model.missing else said[name]
    if any(each.signal is not None for each in told):
        return f"{name} does"
    reasons = (each.reason for each in told if not each.is_answered)
    return f"{name}: {next(reasons, 'its answer is neither')}"


def _identity(predictor: Predictor, requests: Sequence[Request]) -> Identity:
    own: list[Request] = []
    for request in requests:
        try:
            own.append(own_request(predictor, request)[0])
        except RequestError:  # it has no answer either, and is left out
            own.append({})
    return identify_unseen(predictor, own)


def _names(found: Sequence[Identity]) -> TextArray:
    """Whom the rows are about, as the first component tells that knows; else each its own."""
    told = next((each.names for each in found if (each.names != "").any()), None)
    numbers = np.array([str(place) for place in range(len(found[0].times))], dtype=object)
    return numbers if told is None else np.where(told == "", numbers, told)
