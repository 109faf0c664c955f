"""The composites of a home: one document each, written whole.

    HOME/composites/<id>.json

Running services look for them again and again, so a new one is answered without a restart.
"""

import logging
import threading
from collections.abc import Mapping
from difflib import get_close_matches

from tracer_ray import storage
from tracer_ray.composites.definition import Composite, composite_from_json, composite_to_json
from tracer_ray.errors import (
    CompositeError,
    CompositeMissingError,
    CompositeTakenError,
    StorageMissingError,
)

MOST_COMPOSITES = 200  # of a home: every service reads them all, again and again
_FOLDER, _ENDING = "composites", ".json"
_LOG = logging.getLogger(__name__)


def write_composite(home: str, composite: Composite, *, is_replacing: bool = False) -> str:
    """Store a composite; returns its URI.

    Raises CompositeTakenError where there is one unless replacing, CompositeError where there are
    too many.
    """
    place = _place(home, composite.id)
    known = composite_ids(home)
    if composite.id in known and not is_replacing:
        raise CompositeTakenError(
            f"composite {composite.id!r} is there already: replace it, or delete it first"
        )
    if composite.id not in known and len(known) >= MOST_COMPOSITES:
        raise CompositeError(f"there are {len(known)} composites already: delete one first")
    storage.write_bytes(place, composite_to_json(composite))
    return place


def read_composite(home: str, composite_id: str) -> Composite:
    """The composite of that id; CompositeMissingError, which names the closest, without one."""
    known = composite_ids(home)
    if composite_id not in known:
        raise unknown_composite(composite_id, known)
    try:
        return _read(home, composite_id)
    except StorageMissingError as error:  # deleted a moment ago
        raise unknown_composite(composite_id, composite_ids(home)) from error


def delete_composite(home: str, composite_id: str) -> None:
    """Forget a composite; CompositeMissingError where there is none of that id."""
    read = composite_ids(home)
    if composite_id not in read:
        raise unknown_composite(composite_id, read)
    storage.remove_file(_place(home, composite_id))


def composite_ids(home: str) -> tuple[str, ...]:
    """The ids of all composites, sorted."""
    files = storage.list_files(storage.join(home, _FOLDER))
    names = (storage.name(file) for file in files)
    return tuple(
        name.removesuffix(_ENDING)
        for name in names
        if name.endswith(_ENDING) and not name.startswith(".")
    )


def unknown_composite(composite_id: str, known: tuple[str, ...]) -> CompositeMissingError:
    """The error of a composite that is not there, with those that are."""
    close = get_close_matches(composite_id, known, n=3, cutoff=0.4) or known
    there = ", ".join(close) or "none yet: see `tracer composite create`"
    return CompositeMissingError(f"no composite {composite_id[:60]!r}; there is {there}")


class Shelf:
    """The composites of a home in memory, as of the last look; threads may share it."""

    def __init__(self, home: str) -> None:
        """Know none before the first look."""
        self._home = home
        self._looking = threading.Lock()
        self.composites: Mapping[str, Composite] = {}

    def look(self) -> None:
        """Read them all; one that can't be read stays as it was, and is logged."""
        with self._looking:
            self.composites = self._read_all()

    def put(self, composite: Composite, *, is_replacing: bool = False) -> None:
        """Store a composite and have it here at once; raises as `write_composite` does."""
        write_composite(self._home, composite, is_replacing=is_replacing)
        self.look()

    def remove(self, composite_id: str) -> None:
        """Delete a composite and forget it here at once; raises as `delete_composite` does."""
        delete_composite(self._home, composite_id)
        self.look()

    def _read_all(self) -> Mapping[str, Composite]:
        known, found = self.composites, {}
        for name in composite_ids(self._home):
            try:
                found[name] = _read(self._home, name)
            except (CompositeError, StorageMissingError) as error:
                _LOG.warning("event=composite_unreadable id=%r reason=%r", name, str(error))
                found |= {name: known[name]} if name in known else {}
        return found


def _read(home: str, composite_id: str) -> Composite:
    place = _place(home, composite_id)
    composite = composite_from_json(storage.read_bytes(place), place)
    if composite.id != composite_id:
        raise CompositeError(f"{place}: it says id {composite.id!r}; expected {composite_id!r}")
    return composite


def _place(home: str, composite_id: str) -> str:
    return storage.join(home, _FOLDER, composite_id + _ENDING)
