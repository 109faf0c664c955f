"""Newer rows move what a release knows of the past; its models stay as they are.

The rows are walked through as evaluation walks through them: summarised, crossed, transformed, on
top of the state that is there.
"""

from datetime import UTC, datetime, timedelta

from tracer_ray.data.dataset import Dataset
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.prediction.evaluation import unseen_pieces
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.releases.refreshed_state import RefreshedState

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def refresh_state(predictor: Predictor, dataset: Dataset) -> RefreshedState:
    """What the release knows after the rows that are newer than all it knows.

    Raises DataError where there are none.
    """
    pieces = unseen_pieces(predictor, dataset)
    program, state = predictor.program, predictor.state
    cross = program.cross([program.summarise(piece, state) for piece in pieces], state)
    own = [program.transform(piece, cross, predictor.vocabulary, state)[1] for piece in pieces]
    last_seen = dict(predictor.refreshed.last_seen) if predictor.refreshed else {}
    for piece in pieces:
        newest = piece.times[piece.offsets[1:] - 1].tolist()
        last_seen |= dict(zip(piece.entities.tolist(), newest, strict=True))
    until = max(int(piece.times.max()) for piece in pieces)
    return RefreshedState(
        predictor.name,
        (_EPOCH + timedelta(microseconds=until)).isoformat(),
        last_seen,
        FeatureState.merge([state, cross.state, *own]),
    )
