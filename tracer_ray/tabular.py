"""What blueprints of one row per thing share: how they declare columns, and what they answer."""

from tracer_ray.blueprint import (
    Column,
    Kind,
    OutputField,
    Overrun,
    Portfolio,
    Role,
    Source,
    Statuses,
    Wording,
    candidate,
    reasons_field,
)
from tracer_ray.features import Feature, code, signed_log, value

NO_STATUSES = Statuses()

# Cautious first: on a few thousand rows, and under drift, a regularised line is hard to beat.
TABULAR = Portfolio(
    pooled=(
        candidate("elastic_net", alpha=0.003, l1_ratio=0.1),
        candidate(
            "lightgbm",
            num_leaves=7,
            depth=4,
            min_data_in_leaf=50,
            learning_rate=0.03,
            rounds=300,
            subsample=0.7,
            colsample=0.5,
            l2=5.0,
        ),
        candidate(
            "lightgbm",
            num_leaves=31,
            depth=6,
            min_data_in_leaf=30,
            learning_rate=0.03,
            rounds=500,
            subsample=0.7,
            colsample=0.5,
            l2=5.0,
        ),
        candidate("random_forest", trees=200, depth=8, min_leaf=10, min_split=20),
    ),
)


def number(
    name: str,
    description: str,
    unit: str = "",
    *aliases: str,
    minimum: float | None = None,
    maximum: float | None = None,
) -> Column:
    """A number that is known beforehand."""
    return Column(
        name, Kind.NUMBER, Role.KNOWN, description, unit, aliases, minimum=minimum, maximum=maximum
    )


def category(name: str, description: str, *aliases: str) -> Column:
    """A category that is known beforehand."""
    return Column(name, Kind.CATEGORY, Role.KNOWN, description, aliases=aliases)


def flag(name: str, description: str, *aliases: str) -> Column:
    """A flag that is known beforehand."""
    return Column(name, Kind.FLAG, Role.KNOWN, description, aliases=aliases)


def row_id(name: str, description: str, *aliases: str) -> Column:
    """What identifies a row; rows without it are told apart by their content."""
    return Column(name, Kind.CATEGORY, Role.ROW, description, aliases=aliases)


def moment(name: str, description: str, *aliases: str) -> Column:
    """When a row is predicted; rows with it are split forward in time."""
    return Column(name, Kind.TIME, Role.TIME, description, aliases=aliases)


def outcome(
    name: str,
    description: str,
    *aliases: str,
    wordings: tuple[Wording, ...] = (),
    overruns: tuple[Overrun, ...] = (),
    statuses: Statuses = NO_STATUSES,
) -> Column:
    """The flag to predict, and how else data say it."""
    return Column(
        name,
        Kind.FLAG,
        Role.OUTCOME,
        description,
        aliases=aliases,
        required=True,
        wordings=wordings,
        overruns=overruns,
        statuses=statuses,
    )


def as_they_are(columns: tuple[Column, ...], amounts: tuple[str, ...] = ()) -> tuple[Feature, ...]:
    """A feature of the row per known column; `amounts` of money and time on a logarithmic scale.

    >>> columns = number("age", "age"), number("price", "price"), category("job", "job")
    >>> [feature.name for feature in as_they_are(columns, amounts=("price",))]
    ['age', 'log_price', 'job']
    """
    known = [each for each in columns if each.role is Role.KNOWN]
    return tuple(
        code(each.name)
        if each.kind is Kind.CATEGORY
        else signed_log(each.name)
        if each.name in amounts
        else value(each.name, each.unit)
        for each in known
    )


def probability_fields(
    name: str, what: str, reasons: str = "top_reasons"
) -> tuple[OutputField, ...]:
    """The fields of a calibrated probability on which somebody decides.

    >>> [field.name for field in probability_fields("churn", "the customer leaves")][:2]
    ['churn_probability', 'prediction']
    """
    return (
        OutputField(
            f"{name}_probability", Source.PROBABILITY, f"calibrated probability that {what}"
        ),
        OutputField("prediction", Source.CLASS, "what to expect, at the threshold"),
        OutputField("threshold", Source.THRESHOLD, "the probability from which acting pays"),
        OutputField("threshold_reason", Source.THRESHOLD_REASON, "how the threshold was chosen"),
        OutputField(
            "risk_classification",
            Source.RISK,
            "high from the threshold on, medium from half of it on, else low",
        ),
        OutputField("confidence", Source.CONFIDENCE, "probability of the likelier outcome"),
        reasons_field(reasons),
    )
