"""Challengers in memory: loaded beside the champion, with the slots of the traffic they answer."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from tracer_ray.errors import StorageError
from tracer_ray.experiments.slots import holders
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.registry.pointers import Challenger, Pointer
from tracer_ray.serving.loading import load_checked
from tracer_ray.serving.refusal import Refusal, refuse
from tracer_ray.serving.routing import Contestant, Keys, Routes, Variant

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rival:
    """A challenger as it was pointed to; neither loaded nor refused while the storage fails."""

    pointed: Challenger
    predictor: Predictor | None = None
    refused: Refusal | None = None

    @property
    def is_unread(self) -> bool:
        """Whether it must be tried again."""
        return self.predictor is None and self.refused is None

    def to_json(self) -> dict[str, object]:
        """What /ready says of it."""
        return {
            "release": self.pointed.release,
            "share": self.pointed.share,
            "is_shadow": self.pointed.is_shadow,
            "since": self.pointed.since,
            "refused": dict(vars(self.refused)) if self.refused else None,
        }


def rivals_of(pointer: Pointer, loaded: Sequence[Predictor]) -> tuple[Rival, ...]:
    """The challengers that a pointer names; what is `loaded` already is taken as it is."""
    return tuple(_rival(each, pointer.blueprint, loaded) for each in pointer.challengers)


def routes_of(champion: Predictor, rivals: Sequence[Rival]) -> Routes:
    """Who answers what: the share of a challenger that could not be loaded is the champion's."""
    ready = [(each.pointed, each.predictor) for each in rivals if each.predictor]
    answering = [(pointed, each) for pointed, each in ready if not pointed.is_shadow]
    return Routes(
        Contestant(champion),
        tuple(Contestant(each, Variant.CHALLENGER) for _, each in answering),
        tuple(Contestant(each, Variant.CHALLENGER) for p, each in ready if p.is_shadow),
        holders([pointed.spans for pointed, _ in answering]) if answering else b"",
        Keys(champion),
    )


def names(pointer: Pointer, predictor: Predictor) -> bool:
    """Whether a predictor is what a pointer names: that release, knowing those newer rows."""
    state = predictor.refreshed.uri if predictor.refreshed else ""
    return (predictor.name, state) == (pointer.release, pointer.state)


def _rival(pointed: Challenger, blueprint: str, loaded: Sequence[Predictor]) -> Rival:
    pointer = Pointer(blueprint, pointed.release, pointed.uri, pointed.version, pointed.state)
    known = next((each for each in loaded if names(pointer, each)), None)
    if known:
        return Rival(pointed, known)
    try:
        predictor = load_checked(pointer)
    except StorageError as error:
        _LOG.warning(
            "event=challenger_unreadable release=%s reason=%r", pointed.release, str(error)
        )
        return Rival(pointed)
    except Exception as error:  # whatever a damaged release breaks, the champion answers
        return Rival(pointed, refused=refuse(pointer, error))
    _LOG.warning(
        "event=challenger_loaded blueprint=%s release=%s share=%g",
        blueprint,
        pointed.release,
        pointed.share,
    )
    return Rival(pointed, predictor)
