"""The BentoML service that benchmarks/serve.py compares, as a team would write it.

Run by the Python that has BentoML: `bentoml serve benchmarks.serve_bentoml:Predictions`. Its home
is TRACER_HOME.
"""

import importlib
import os
from typing import Any

from tracer_ray.prediction.predictor import Predictor
from tracer_ray.registry.pointers import read_pointer

BLUEPRINT = "player_props"
Row = dict[str, Any]
bentoml: Any = importlib.import_module("bentoml")


class _Predictions:
    """One route for a row, one for many, around the same model, in one process."""

    def __init__(self) -> None:
        """Load the champion."""
        pointer = read_pointer(os.environ["TRACER_HOME"], BLUEPRINT)
        assert pointer is not None
        self._predictor = Predictor.open(pointer.uri)

    def predict(self, row: Row, /) -> Row:
        """The answer to a row."""
        (said,) = self._predictor.answer([row])
        return {"error": str(said)} if isinstance(said, Exception) else said

    def predict_batch(self, rows: list[Row]) -> list[Row]:
        """The answers to rows."""
        said = self._predictor.answer(rows)
        return [{"error": str(each)} if isinstance(each, Exception) else each for each in said]


for method, route in (("predict", ""), ("predict_batch", "/batch")):
    api = bentoml.api(route=f"/predict/{BLUEPRINT}{route}")
    setattr(_Predictions, method, api(getattr(_Predictions, method)))
Predictions = bentoml.service(name="predictions", workers=1)(_Predictions)
