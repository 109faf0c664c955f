"""A library's own model bytes, sealed by one last line with our facts and their digest.

The seal is checked before the library reads anything: XGBoost ends the process on damaged bytes.
"""

import hashlib
import json
from collections.abc import Mapping

from tracer_ray.errors import ReleaseError

_SEAL = b"\ntracer:"
Facts = Mapping[str, bool | int | str | list[int]]


def seal(native: bytes, facts: Facts) -> bytes:
    """The native bytes and a last line of JSON: the facts and the SHA-256 of both."""
    text = json.dumps(dict(facts), sort_keys=True)
    return native + _SEAL + json.dumps({"facts": text, "sha256": _digest(native, text)}).encode()


def unseal(data: bytes, kind: str) -> tuple[bytes, dict[str, bool | int | str | list[int]]]:
    """The native bytes and the facts; ReleaseError naming the kind where a byte is missing.

    >>> unseal(seal(b"trees", {"features": 3}), "xgboost")
    (b'trees', {'features': 3})
    """
    native, _, line = data.rpartition(_SEAL)
    try:
        sealed = json.loads(line)
        if sealed["sha256"] == _digest(native, sealed["facts"]):
            return native, json.loads(sealed["facts"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(kind) from error
    raise _damaged(kind)


def _digest(native: bytes, facts: str) -> str:
    return hashlib.sha256(native + facts.encode()).hexdigest()


def _damaged(kind: str) -> ReleaseError:
    return ReleaseError(f"these bytes hold no {kind} model; fetch or train the release again")
