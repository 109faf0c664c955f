"""What is told of one question, before it becomes an answer or a record."""

from dataclasses import dataclass

from tracer_ray.prediction.explanation import Explanation
from tracer_ray.prediction.outputs import Output
from tracer_ray.prediction.questions import Question
from tracer_ray.rows import Float32Array


@dataclass(frozen=True)
class Told:
    """What is said of one question about a row at `time`, and the features it was said of.

    `why` is None where nobody asked.
    """

    question: Question
    output: Output
    time: int
    features: Float32Array
    why: Explanation | None = None
