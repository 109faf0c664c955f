"""What a release knows of rows that came after its training: one immutable file per refresh.

    HOME/states/<blueprint>/<release>-<SHA-256 of the file>.npz

The champion's pointer names it. The release stays as it was written.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tracer_ray import storage
from tracer_ray.errors import ReleaseError, StorageMissingError
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.releases.manifest import digest

FOLDER = "states"
_ENDING = ".npz"
_OWN = "refresh."
_NEWEST = f"{_OWN}newest_rows"


@dataclass(frozen=True)
class RefreshedState:
    """The feature state after newer rows, until when it knows rows (ISO time), and of whom.

    `last_seen` has the newest row's instant (microseconds) of every entity among the newer rows;
    `newest_rows` replace those of the release, where it keeps any. `uri` is where it is stored, ""
    before it is.
    """

    release: str
    as_of: str
    last_seen: Mapping[str, int]
    state: FeatureState
    newest_rows: pa.Table | None = None
    uri: str = ""


def write_refreshed_state(home: str, blueprint: str, refreshed: RefreshedState) -> str:
    """Store it in a home; returns its URI. The same state gets the same one."""
    names = list(refreshed.last_seen)
    arrays = {
        f"{_OWN}release": np.array(refreshed.release),
        f"{_OWN}as_of": np.array(refreshed.as_of),
        f"{_OWN}owners": np.array(names, np.str_),
        f"{_OWN}times": np.array([refreshed.last_seen[name] for name in names], np.int64),
        **_packed(refreshed.newest_rows),
        **refreshed.state.to_arrays(),
    }
    sink = io.BytesIO()
    np.savez(sink, allow_pickle=False, **arrays)
    data = sink.getvalue()
    file = f"{refreshed.release}-{digest(data)}{_ENDING}"
    uri = storage.join(storage.absolute(home), FOLDER, blueprint, file)
    storage.write_bytes(uri, data)
    return uri


def read_refreshed_state(uri: str) -> RefreshedState:
    """The stored state; ReleaseError where it is absent, or not what was written."""
    try:
        data = storage.read_bytes(uri)
    except StorageMissingError as error:
        raise ReleaseError(f"{uri} is missing; promote the release again and refresh it") from error
    if not uri.endswith(f"-{digest(data)}{_ENDING}"):
        raise ReleaseError(f"{uri} was altered; promote the release again and refresh it")
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = dict(stored)
    owners, times = (arrays[_OWN + name].tolist() for name in ("owners", "times"))
    return RefreshedState(
        str(arrays[f"{_OWN}release"]),
        str(arrays[f"{_OWN}as_of"]),
        dict(zip(owners, times, strict=True)),
        FeatureState.from_arrays({k: v for k, v in arrays.items() if not k.startswith(_OWN)}),
        _unpacked(arrays),
        uri,
    )


def _packed(newest_rows: pa.Table | None) -> dict[str, npt.NDArray[np.uint8]]:
    """The rows as one array of bytes, the content of an Arrow file."""
    if newest_rows is None:
        return {}
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, newest_rows.schema) as writer:
        writer.write_table(newest_rows)
    return {_NEWEST: np.frombuffer(sink.getvalue(), np.uint8)}


def _unpacked(arrays: Mapping[str, npt.NDArray[np.uint8]]) -> pa.Table | None:
    found = arrays.get(_NEWEST)
    return None if found is None else pa.ipc.open_file(pa.py_buffer(found.tobytes())).read_all()
