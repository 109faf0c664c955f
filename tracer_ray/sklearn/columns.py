"""A blueprint for columns that nobody declared: numbers as they are, anything else a category."""

import pyarrow as pa

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Column,
    Kind,
    OutputField,
    Role,
    Source,
    Target,
)
from tracer_ray.features import code, value
from tracer_ray.tabular import TABULAR

ROW = "row"
OUTCOME = "outcome"


def blueprint_of_columns(table: pa.Table, answer: Answer) -> Blueprint:
    """One row per thing with the columns of a table, which are named x0, x1 and so on.

    >>> made = blueprint_of_columns(pa.table({"age": [1.0], "job": ["x"]}), Answer.NUMBER)
    >>> [(column.name, column.kind.value) for column in made.columns]
    [('row', 'category'), ('outcome', 'number'), ('x0', 'number'), ('x1', 'category')]
    """
    is_flag = answer is Answer.PROBABILITY
    known = tuple(
        Column(f"x{place}", _kind(field.type), Role.KNOWN, field.name)
        for place, field in enumerate(table.schema)
    )
    return Blueprint(
        id="columns",
        name="Columns",
        category="tables",
        use_case="Predict one column of a table from the others.",
        who="one row",
        when="when its other columns are known",
        what="the outcome",
        horizon="as in the data",
        columns=(
            Column(ROW, Kind.CATEGORY, Role.ROW, "place of the row", required=True),
            Column(OUTCOME, Kind.FLAG if is_flag else Kind.NUMBER, Role.OUTCOME, "the outcome"),
            *known,
        ),
        targets=(Target(OUTCOME, (OUTCOME,), answer, "the outcome"),),
        features=tuple(
            code(each.name) if each.kind is Kind.CATEGORY else value(each.name) for each in known
        ),
        baselines=(Baseline("base rate" if is_flag else "median"),),
        metric="log_loss" if is_flag else "rmse",
        portfolio=TABULAR,
        output=(
            OutputField(
                "prediction", Source.PROBABILITY if is_flag else Source.VALUE, "the prediction"
            ),
        ),
    )


def _kind(type_: pa.DataType) -> Kind:
    is_number = pa.types.is_integer(type_) or pa.types.is_floating(type_)
    return Kind.NUMBER if is_number else Kind.CATEGORY
