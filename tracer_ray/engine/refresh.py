"""Refreshing a champion: newer rows are ingested, and its pointer names the state after them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracer_ray.engine.ingest import IngestOptions, ingest
from tracer_ray.errors import DataError, RegistryError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.refreshing import refresh_state
from tracer_ray.registry.pointers import Pointer, read_pointer, write_pointer
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

    Raises RegistryError without a champion, or where it changed meanwhile; DataError where no row
    is newer than what it knows.
    """
    pointer = _champion(home, blueprint)
    predictor = Predictor.open(pointer.uri, pointer.state)
    if predictor.data_until is None:
        raise DataError(f"{blueprint}: its rows have no time, so none is newer; train again")
    dataset = ingest(predictor.blueprint, sources, home, options=IngestOptions(tolerance=TOLERANCE))
    refreshed = refresh_state(predictor, dataset)
    uri = write_refreshed_state(home, blueprint, refreshed)
    if _champion(home, blueprint) != pointer:
        raise RegistryError(f"{blueprint}: its champion changed meanwhile; refresh it again")
    write_pointer(home, replace(pointer, state=uri))
    return Refresh(
        blueprint,
        refreshed.release,
        predictor.as_of or "",
        refreshed.as_of,
        len(refreshed.last_seen),
        len(dataset.quarantine),
    )


def _champion(home: str, blueprint: str) -> Pointer:
    pointer = read_pointer(home, blueprint)
    if pointer is None:
        raise RegistryError(
            f"{blueprint}: no release is promoted; run `tracer promote {blueprint}`"
        )
    return pointer
