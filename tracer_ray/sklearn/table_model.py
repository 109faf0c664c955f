"""What was learned of one table in this process: native model files and what feeds them."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from time import time_ns

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tracer_ray.blueprint import Answer, Blueprint, Role
from tracer_ray.blueprint_json import blueprint_from_json, blueprint_to_json
from tracer_ray.data.dataset import Dataset
from tracer_ray.data.in_process import ingest_in_process
from tracer_ray.data.matching import match, refuse_missing, without_outcomes
from tracer_ray.data.schema import normalise
from tracer_ray.errors import DataError
from tracer_ray.feature_program.program import FeatureProgram, compile_program
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.prediction.next_rows import next_rows
from tracer_ray.releases.tables import StoredModel
from tracer_ray.rows import FloatArray
from tracer_ray.splits import Basis, Cuts, Part, basis_of, shares
from tracer_ray.training.in_process import (
    InProcessRun,
    build_in_process,
    planned_cuts,
    search_in_process,
)
from tracer_ray.training.pooled import Ensemble
from tracer_ray.training.pooled_model import load, store
from tracer_ray.training.stages import gather
from tracer_ray.uncertainty.calibration import Calibrator, choose_calibration
from tracer_ray.uncertainty.uncertainty import Uncertainty

FEWEST_ROWS = 6
TRAINING_SHARE, VALIDATION_SHARE = 0.65, 0.20  # the rest calibrates; who fits holds test rows out


@dataclass(frozen=True)
class TableModel:
    """A pooled model with its features and calibration, as plain values that can be pickled.

    `calibrator` is None where numbers are predicted.
    """

    blueprint_json: bytes
    state: Mapping[str, npt.NDArray[np.generic]]
    vocabulary: Vocabulary
    models: tuple[StoredModel, ...]
    calibrator: Calibrator | None

    def predict(self, table: pa.Table) -> FloatArray:
        """The calibrated probability or the number for every row, float64 [rows].

        Raises DataError where a needed column is absent or a value can't be read.
        """
        plan = without_outcomes(self.blueprint, match(self.blueprint, table.column_names))
        refuse_missing(self.blueprint, plan, table.column_names, "the table")
        read = normalise(table, plan)
        if len(read.bad):
            raise DataError(f"row {read.bad['position'][0]}: {read.bad['reason'][0]}")
        rows = next_rows(read.good, self.blueprint, time_ns() // 1000)
        x = self._program.transform_next(self._state, self.vocabulary, rows.views)
        said = self._ensemble.predict(x)
        return Uncertainty(calibrator=self.calibrator).calibrate(said)

    @cached_property
    def blueprint(self) -> Blueprint:
        """The blueprint as it fits the table."""
        return blueprint_from_json(self.blueprint_json)

    @cached_property
    def _program(self) -> FeatureProgram:
        return compile_program(self.blueprint, (self.blueprint.targets[0].name,))

    @cached_property
    def _state(self) -> FeatureState:
        return FeatureState.from_arrays(self.state)

    @cached_property
    def _ensemble(self) -> Ensemble:
        return load(self.models, self.blueprint.targets[0].answer)

    def __getstate__(self) -> dict[str, object]:
        """The plain values; what was compiled from them is compiled again."""
        return {name: vars(self)[name] for name in self.__dataclass_fields__}


def learn_table(blueprint: Blueprint, table: pa.Table, budget: str, seed: int) -> TableModel:
    """Fit a blueprint of one row per thing to a table with its outcome.

    Raises DataError for rows that can't be used, TrainingError where nothing can be learned.
    """
    if blueprint.entity or blueprint.sides or blueprint.inactivity or len(blueprint.targets) != 1:
        raise DataError(f"blueprint {blueprint.id}: its rows have a past; use `tracer train`")
    with tempfile.TemporaryDirectory() as folder:
        dataset = ingest_in_process(blueprint, {"rows": table}, folder)
        _refuse_lost(dataset, len(table))
        plan = InProcessRun(folder, dataset, budget, seed, _cuts(dataset)).plan
        (target,) = plan.targets
        state, vocabulary = build_in_process(plan)
        rows = gather(plan, target)
        pooled = search_in_process(plan, target, rows)
        calibration = rows.part(Part.CALIBRATION)
        said = pooled.predict_unseen(rows.x, rows.position, rows.parts)[calibration]
        is_flag = plan.answer(target) is Answer.PROBABILITY
        return TableModel(
            blueprint_json=blueprint_to_json(dataset.blueprint),
            state=state.to_arrays(),
            vocabulary=vocabulary,
            models=store(target, pooled.final),
            calibrator=choose_calibration(said, rows.y[calibration]) if is_flag else None,
        )


def row_column(blueprint: Blueprint) -> str:
    """The column that names rows, "" where there is none."""
    row = blueprint.role(Role.ROW)
    return row.name if row else ""


def _refuse_lost(dataset: Dataset, rows: int) -> None:
    """Every row of an estimator counts; none is set aside silently."""
    bad = dataset.quarantine
    if len(bad):
        raise DataError(f"row {bad['position'][0]}: {bad['reason'][0]}")
    kept = int(str(dataset.manifest["rows"]))
    if kept < rows:
        raise DataError(f"{rows - kept} of {rows} rows are copies of others, or no outcome at all")


def _cuts(dataset: Dataset) -> Cuts:
    """As the blueprint cuts, forward in time; without a time, exact shares of the rows.

    Thresholds of a hash give few rows no calibration row by chance; the ranks of the same hashes
    do not.
    """
    if basis_of(dataset.blueprint) is not Basis.HASH:
        return planned_cuts(dataset)
    position = np.sort(shares(dataset.read_bucket(0).keys))
    ends = (TRAINING_SHARE, TRAINING_SHARE + VALIDATION_SHARE)
    validation, calibration = (float(position[int(end * len(position))]) for end in ends)
    return Cuts(validation, calibration, 1.0, basis=Basis.HASH)
