"""Models that are arrays: one .npz without pickle, the same bytes for the same arrays."""

import io
import zipfile
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from tracer_ray.errors import ReleaseError

Array = npt.NDArray[np.generic]
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a zip entry's date would make equal models differ


def pack(arrays: Mapping[str, Array]) -> bytes:
    """The named arrays as bytes, readable by `numpy.load`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, array in sorted(arrays.items()):
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content.getvalue())
    return file.getvalue()


def unpack(data: bytes, kind: str) -> dict[str, Array]:
    """The arrays of `pack`; ReleaseError naming the kind of model where the bytes are none.

    >>> unpack(pack({"kind": np.array("tree"), "a": np.arange(3)}), "tree")["a"]
    array([0, 1, 2])
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        if str(arrays.pop("kind")) == kind:
            return arrays
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(kind) from error
    raise _damaged(kind)


def _damaged(kind: str) -> ReleaseError:
    return ReleaseError(f"these bytes hold no {kind} model; fetch or train the release again")
