"""The settled rows of one target, and the loss by which they are judged."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Answer, Blueprint
from tracer_ray.metrics import Metric, Need, metric
from tracer_ray.rows import FloatArray


@dataclass(frozen=True)
class Sample:
    """What a comparison is drawn from: the settled rows of one target, and how it is judged."""

    blueprint: Blueprint
    target: str
    settled: pa.Table

    @property
    def loss(self) -> Metric:
        """The blueprint's metric where rows have losses by it, else a common one that has."""
        answer, own = self.blueprint.target(self.target).answer, metric(self.blueprint.metric)
        is_probability = answer is Answer.PROBABILITY
        if own.has_losses and own.need is (Need.PROBABILITY if is_probability else Need.POINT):
            return own
        return metric("brier" if is_probability else "mae")

    def of(self, release: str, *, is_shadow: bool, since: datetime | None) -> pa.Table:
        """The rows that a release answered, or predicted in the shadow, since an instant."""
        return rows_of(self.settled, self.target, release, is_shadow=is_shadow, since=since)

    def losses(self, rows: pa.Table, suffix: str = "") -> FloatArray:
        """The loss of each row, float64 [rows]."""
        return self.loss.losses(floats(rows, "actual"), floats(rows, "prediction" + suffix))


def rows_of(
    table: pa.Table, target: str, release: str, *, is_shadow: bool, since: datetime | None
) -> pa.Table:
    """The rows of a target that a release answered, or predicted in the shadow."""
    wanted = pc.and_(pc.equal(table["target"], target), pc.equal(table["release"], release))
    wanted = pc.and_(wanted, pc.equal(table["is_shadow"], is_shadow))
    if since is not None:
        wanted = pc.and_(wanted, pc.greater_equal(table["time"], pa.scalar(since)))
    return table.filter(wanted)


def floats(rows: pa.Table, name: str) -> FloatArray:
    """A column as float64 [rows]; null is NaN."""
    values: FloatArray = pc.fill_null(rows[name], float("nan")).to_numpy()
    return values
