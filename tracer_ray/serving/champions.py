"""The champions in memory: what answers for each blueprint, changed without losing a request.

A replica looks at the pointers about once a second. A new champion is loaded beside the old one, in
the thread that looks, and takes its place by one assignment; so do challengers. A request asks for
its routes once and keeps them, so that an answer is wholly one release's. A release that fails its
check is refused, and /ready says why: the old champion goes on.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType

from tracer_ray.errors import RegistryError, ReleaseError, StorageError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.registry.pointers import Pointer, promoted_blueprints, read_pointer
from tracer_ray.serving.api_document import ReleaseDocument, document_of
from tracer_ray.serving.loading import load_checked
from tracer_ray.serving.meter import RELEASE_AGE, RELEASE_REFUSED, RELEASE_VERSION, Meter
from tracer_ray.serving.refusal import Refusal, now_text, refuse, told
from tracer_ray.serving.rivals import Rival, names, rivals_of, routes_of
from tracer_ray.serving.routing import Routes

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Champion:
    """What answers for a blueprint; `predictor` is None while nothing could be loaded.

    `pointer` is the newest one that was looked at, also where its release was refused; None where
    the next look must try again. `routes` is None where there is no predictor.
    """

    pointer: Pointer | None = None
    predictor: Predictor | None = None
    document: ReleaseDocument | None = None
    version: int = 0
    since: str = ""
    refused: Refusal | None = None
    rivals: tuple[Rival, ...] = ()
    routes: Routes | None = None

    @property
    def loaded(self) -> tuple[Predictor, ...]:
        """Every release of the blueprint that is in memory."""
        known = (self.predictor, *(each.predictor for each in self.rivals))
        return tuple(each for each in known if each)

    def to_json(self) -> dict[str, object]:
        """What /ready says of it."""
        return {
            "release": self.predictor.name if self.predictor else None,
            "version": self.version if self.predictor else None,
            "since": self.since or None,
            "data_until": self.predictor.as_of if self.predictor else None,
            "refused": dict(vars(self.refused)) if self.refused else None,
            "challengers": [each.to_json() for each in self.rivals],
        }


class Champions:
    """The champions of a home for some blueprints, or for all that have one."""

    def __init__(self, home: str, names: tuple[str, ...] = ()) -> None:
        """Remember what to hold; nothing is read before `look`."""
        self.home = home
        self._names = names
        self._held: Mapping[str, Champion] = MappingProxyType({})

    @property
    def held(self) -> Mapping[str, Champion]:
        """The champions by blueprint id, as of now; this mapping never changes."""
        return self._held

    def predictor(self, blueprint: str) -> Predictor | None:
        """What answers for a blueprint now."""
        champion = self._held.get(blueprint)
        return champion.predictor if champion else None

    def routes(self, blueprint: str) -> Routes | None:
        """Who answers for a blueprint now."""
        champion = self._held.get(blueprint)
        return champion.routes if champion else None

    def load(self) -> None:
        """Load all champions; RegistryError where there is none, ReleaseError where none loads."""
        promoted_blueprints(self.home, self._names)
        self.look()
        if not any(each.predictor for each in self._held.values()):
            reasons = [f"{name}: {_reason(each)}" for name, each in self._held.items()]
            raise ReleaseError(f"no champion could be loaded: {'; '.join(reasons)}")

    def look(self) -> None:
        """Look at the pointers once, and take in what is new."""
        for name in self._names or promoted_blueprints(self.home):
            before = self._held.get(name, Champion())
            after = _looked_at(self.home, name, before)
            if after is not before:
                self._held = MappingProxyType({**self._held, name: after})

    def measure(self, meter: Meter) -> None:
        """Record which releases answer, how old they are, and whether one is refused."""
        for name, champion in self._held.items():
            meter.record(RELEASE_REFUSED, float(champion.refused is not None), name)
            if champion.predictor:
                meter.record(RELEASE_VERSION, champion.version, name)
                made = datetime.fromisoformat(champion.predictor.release.manifest.created)
                meter.record(RELEASE_AGE, (datetime.now(UTC) - made).total_seconds(), name)


def _looked_at(home: str, blueprint: str, held: Champion) -> Champion:
    """What answers after a look at the pointer; the same object where nothing is new."""
    try:
        pointer = read_pointer(home, blueprint)
    except (StorageError, RegistryError) as error:  # what is loaded answers on
        _LOG.warning("event=pointer_unreadable blueprint=%s reason=%r", blueprint, str(error))
        return held
    if pointer is None or pointer == held.pointer:
        return held
    champion = _champion(held, pointer)
    predictor = champion.predictor
    if predictor is None:
        return champion
    rivals = rivals_of(pointer, held.loaded)
    if any(each.is_unread for each in rivals):  # the next look tries again
        champion = replace(champion, pointer=None)
    return replace(champion, rivals=rivals, routes=routes_of(predictor, rivals))


def _champion(held: Champion, pointer: Pointer) -> Champion:
    """The champion that a pointer names; the one before, where that is refused."""
    if held.predictor and names(pointer, held.predictor):  # rolled back from a refused one
        return replace(held, pointer=pointer, version=pointer.version, refused=None)
    try:
        known = next((each for each in held.loaded if names(pointer, each)), None)
        predictor = known or load_checked(pointer)
        document = document_of(predictor)
    except StorageError as error:  # the pointer is forgotten: the next look tries again
        return _refused(replace(held, pointer=None), pointer, error)
    except Exception as error:  # whatever a damaged release breaks, the old one goes on
        return _refused(replace(held, pointer=pointer), pointer, error)
    _LOG.warning(
        "event=champion_changed blueprint=%s release=%s version=%d as_of=%s before=%s",
        pointer.blueprint,
        predictor.name,
        pointer.version,
        predictor.as_of,
        held.predictor.name if held.predictor else "none",
    )
    return Champion(pointer, predictor, document, pointer.version, now_text())


def _refused(held: Champion, pointer: Pointer, error: Exception) -> Champion:
    """The champion as before, with the refusal of another; logged once per refused release."""
    if held.refused and held.refused.release == pointer.release:
        return replace(held, refused=replace(held.refused, reason=told(error)))
    return replace(held, refused=refuse(pointer, error))


def _reason(champion: Champion) -> str:
    return champion.refused.reason if champion.refused else "its pointer can't be read"
