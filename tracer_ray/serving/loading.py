"""Loading a release to answer with: what is wrong with it must show here, not in an answer."""

import logging
import time
from datetime import UTC, datetime, timedelta

from tracer_ray.errors import ReleaseError, RequestError
from tracer_ray.prediction.examples import example_request
from tracer_ray.prediction.predictor import Predictor, load_predictor
from tracer_ray.registry.pointers import Pointer
from tracer_ray.releases.release import Release
from tracer_ray.serving.json_text import json_bytes

_LOG = logging.getLogger(__name__)
_WARM_UP_ROUNDS = 3


def load_checked(pointer: Pointer) -> Predictor:
    """The release that a pointer names, loaded, checked and warm.

    Every file is compared with its hash as it is read. The features must be in the order in which
    the models were fitted, and an example for each target must get an answer, which also compiles
    all code. Raises ReleaseError where any of this fails, StorageError where the storage does.
    """
    started = time.monotonic()
    release = Release.open(pointer.uri)
    manifest = release.manifest
    if (manifest.blueprint, manifest.release) != (pointer.blueprint, pointer.release):
        raise ReleaseError(
            f"{pointer.uri} holds {manifest.release} of {manifest.blueprint}; expected "
            f"{pointer.release} of {pointer.blueprint}; promote again"
        )
    predictor = load_predictor(release, pointer.state)
    if predictor.program.names != manifest.features:
        raise ReleaseError(f"{pointer.uri}: its features are not those of its models; train again")
    _try_examples(predictor)
    took_s = time.monotonic() - started
    _LOG.info("event=release_loaded release=%s seconds=%.2f", predictor.name, took_s)
    return predictor


def _try_examples(predictor: Predictor) -> None:
    """Answer an example per target, at a time that is after all the release knows."""
    requests = [{**example_request(predictor), "target": target} for target in predictor.targets]
    moment = datetime.now(UTC)
    if predictor.data_until is not None:
        known = datetime.fromtimestamp(predictor.data_until / 1_000_000, UTC)
        moment = max(moment, known + timedelta(days=1))
    for _ in range(_WARM_UP_ROUNDS):
        for answer in predictor.answer(requests, moment):
            if isinstance(answer, RequestError):
                raise ReleaseError(f"{predictor.release.uri}: an example fails: {answer}")
            try:
                json_bytes(answer)
            except ValueError as error:
                raise ReleaseError(
                    f"{predictor.release.uri}: an example's answer is not finite; train again"
                ) from error
