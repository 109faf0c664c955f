"""A trained model as a Python object: ask it, and look at its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, overload

from tracer_ray.data.decimal_commas import with_decimal_points
from tracer_ray.errors import RequestError
from tracer_ray.frames import Frame, like, to_arrow
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.scoring import score_table
from tracer_ray.releases.manifest import headline

Answer = dict[str, object]


@dataclass(frozen=True)
class Model:
    """A release that answers.

    `verdict` says why it was promoted or not; a model that was not is here to be looked at, and the
    champion before it goes on answering over HTTP.
    """

    predictor: Predictor
    is_promoted: bool
    verdict: str
    notes: tuple[str, ...] = ()

    @property
    def blueprint(self) -> str:
        """The blueprint's id."""
        return self.predictor.blueprint.id

    @property
    def release(self) -> str:
        """The release's id."""
        return self.predictor.name

    @property
    def report(self) -> str:
        """Where the HTML report is."""
        return f"{self.predictor.release.uri}/report/index.html"

    def figures(self) -> list[dict[str, object]]:
        """Per target: the metric, ours beside the pooled model and the baseline, on test rows."""
        return headline(self.predictor.release.manifest.figures)

    @overload
    def predict(self, data: Mapping[str, Any]) -> Answer: ...

    @overload
    def predict(self, data: Frame) -> Frame: ...

    def predict(self, data: object) -> object:
        """The answer to one request, or a table with the answers beside its rows.

        A table comes back as the kind it came as, decimal commas (29,85) as points; a row that
        can't be answered says why in `error`.
        Raises RequestError where a single request can't be answered.
        """
        if not isinstance(data, Mapping):
            return like(score_table(self.predictor, with_decimal_points(to_arrow(data))), data)
        (answer,) = self.predictor.answer([data])
        if isinstance(answer, RequestError):
            raise answer
        return answer

    def __repr__(self) -> str:
        """The release, and whether it answers."""
        state = "promoted" if self.is_promoted else "not promoted"
        return f"Model({self.blueprint}, {self.release}, {state}: {self.verdict})"

    def _repr_html_(self) -> str:
        """The figures as a table for notebooks."""
        figures = self.figures()
        head = "".join(f"<th>{escape(name)}</th>" for name in figures[0])
        rows = "".join(
            "<tr>" + "".join(f"<td>{_shown(value)}</td>" for value in each.values()) + "</tr>"
            for each in figures
        )
        return f"<p>{escape(repr(self))}</p><table><tr>{head}</tr>{rows}</table>"


def _shown(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else escape(str(value))
