"""What blueprints of one row per thing share: what is tried first, and the fields of an answer."""

from tracer_ray.blueprint import OutputField, Portfolio, Source, candidate

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


def probability_fields(name: str, what: str) -> tuple[OutputField, ...]:
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
    )
