"""Recording what was answered: into the prediction log, and to challengers in the shadow."""

from collections.abc import Sequence

from tracer_ray.data.times import microseconds
from tracer_ray.experiments.predictions import Occasion
from tracer_ray.prediction.answers import Reply
from tracer_ray.prediction.records import records
from tracer_ray.serving.asked import Asked
from tracer_ray.serving.prediction_log import PredictionLog
from tracer_ray.serving.routing import Contestant


def log_replies(
    log: PredictionLog,
    contestant: Contestant,
    asked: Sequence[Asked],
    replies: Sequence[Reply],
    *,
    is_shadow: bool = False,
) -> None:
    """Log what a release said of some rows; errors are no predictions."""
    predictor, variant = contestant.predictor, contestant.variant.value
    rows = []
    for row, reply in zip(asked, replies, strict=True):
        occasion = Occasion(
            row.request_id, row.number, microseconds(row.now), predictor.name, variant, is_shadow
        )
        rows += [(occasion, record) for record in records(predictor, reply.told)]
    log.take(predictor.blueprint.id, rows)
