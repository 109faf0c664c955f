"""Refreshing a champion: newer rows are ingested, and its pointer names the state after them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracer_ray.engine.ingest import IngestOptions, ingest
from tracer_ray.errors import DataError, RegistryError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.refreshing import refresh_state
from tracer_ray.registry.challengers import champion_pointer
from tracer_ray.registry.pointers import Challenger, Pointer, write_pointer
from tracer_ray.releases.refreshed_state import write_refreshed_state

TOLERANCE = 0.5  # what can't be read moves nothing; the share is reported, not refused


@dataclass(frozen=True)
class Refresh:
    """A champion that knows more: until when it knew rows before and knows them now (ISO times)."""

    blueprint: str
    release: str
    before: str
    as_of: str
    entities: int
    quarantined: int


def refresh(home: str, blueprint: str, sources: Sequence[str]) -> Refresh:
    """Move the champion's knowledge past newer rows; running replicas notice by themselves.

    Challengers get to know them as well: otherwise a test would compare what releases know.

    Raises RegistryError without a champion, or where it changed meanwhile; DataError where no row
    is newer than what it knows.
    """
    pointer = champion_pointer(home, blueprint)
    done, state = _refreshed(home, blueprint, pointer, sources)
    challengers = tuple(_informed(home, blueprint, each, sources) for each in pointer.challengers)
    if champion_pointer(home, blueprint) != pointer:
        raise RegistryError(f"{blueprint}: its champion changed meanwhile; refresh it again")
    write_pointer(home, replace(pointer, state=state, challengers=challengers))
    return done


def _informed(
    home: str, blueprint: str, challenger: Challenger, sources: Sequence[str]
) -> Challenger:
    """A challenger that knows the newer rows; the same where it was trained on them."""
    try:
        return replace(challenger, state=_refreshed(home, blueprint, challenger, sources)[1])
    except DataError:  # the champion could read them, so they are only not newer
        return challenger


def _refreshed(
    home: str, blueprint: str, pointed: Pointer | Challenger, sources: Sequence[str]
) -> tuple[Refresh, str]:
    """What a release knows after the newer rows, and the URI of the state that says so."""
    predictor = Predictor.open(pointed.uri, pointed.state)
    if predictor.data_until is None:
        raise DataError(f"{blueprint}: its rows have no time, so none is newer; train again")
    dataset = ingest(predictor.blueprint, sources, home, options=IngestOptions(tolerance=TOLERANCE))
    refreshed = refresh_state(predictor, dataset)
    done = Refresh(
        blueprint,
        refreshed.release,
        predictor.as_of or "",
        refreshed.as_of,
        len(refreshed.last_seen),
        len(dataset.quarantine),
    )
    return done, write_refreshed_state(home, blueprint, refreshed)
