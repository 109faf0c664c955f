"""API keys: made by `tracer keys`, hashed at rest, known to every replica of a home.

    HOME/keys/<id>.json            name, SHA-256 of the secret, requests per minute
    HOME/keys/<id>.revoked         the key is no longer valid

A key is `tracer_<id>_<secret>` with 256 random bits, so that a plain hash of it is safe: there is
nothing to guess from. The documents never change, so two administrators lose nothing of each other.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from tracer_ray import storage
from tracer_ray.errors import RequestError

PER_MINUTE = 100
_FOLDER, _KEY, _REVOKED, _PREFIX = "keys", ".json", ".revoked", "tracer"


@dataclass(frozen=True)
class Key:
    """A key as it is stored; `digest` is the SHA-256 of its secret."""

    id: str
    name: str
    digest: str
    per_minute: int
    created: str
    is_revoked: bool = False


def create_key(home: str, name: str, per_minute: int = PER_MINUTE) -> tuple[Key, str]:
    """A new key and its text, which is stored nowhere and can't be shown again.

    Raises RequestError for a limit below 1.
    """
    if per_minute < 1:
        raise RequestError(f"{per_minute} requests per minute: expected at least 1")
    secret = secrets.token_urlsafe(32)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    key = Key(secrets.token_hex(4), name, _digest(secret), per_minute, created)
    content = {name: value for name, value in asdict(key).items() if name != "is_revoked"}
    storage.write_bytes(_place(home, key.id, _KEY), json.dumps(content, indent=1).encode())
    return key, f"{_PREFIX}_{key.id}_{secret}"


def list_keys(home: str) -> tuple[Key, ...]:
    """All keys of a home, oldest first, with those that were revoked."""
    ring = KeyRing(home)
    ring.look()
    return tuple(sorted(ring.keys.values(), key=lambda key: (key.created, key.id)))


def revoke_key(home: str, key_id: str) -> Key:
    """The key, which no replica accepts any more; RequestError where there is none of that id."""
    found = {key.id: key for key in list_keys(home)}
    if key_id not in found:
        raise RequestError(f"no key {key_id!r}; there is {', '.join(found) or 'none'}")
    when = datetime.now(UTC).isoformat(timespec="seconds")
    storage.write_bytes(_place(home, key_id, _REVOKED), when.encode())
    return found[key_id]


class KeyRing:
    """The keys of a home in memory, as of the last look."""

    def __init__(self, home: str) -> None:
        """Know no key before the first look."""
        self._home = home
        self.keys: dict[str, Key] = {}

    def look(self) -> None:
        """Read what is new; one listing of a folder where nothing is."""
        files = {storage.name(uri) for uri in storage.list_files(_folder(self._home))}
        known = self.keys
        names = [file for file in files if file.endswith(_KEY) and not file.startswith(".")]
        self.keys = {
            each: self._key(each, known.get(each), f"{each}{_REVOKED}" in files)
            for each in (name.removesuffix(_KEY) for name in names)
        }

    def find(self, text: str) -> Key | None:
        """The valid key of that text; the comparison takes as long whatever is wrong."""
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        key = self.keys.get(key_id)
        is_same = hmac.compare_digest(_digest(secret), key.digest if key else "")
        return key if key and prefix == _PREFIX and is_same and not key.is_revoked else None

    def _key(self, key_id: str, known: Key | None, is_revoked: bool) -> Key:
        if known and known.is_revoked == is_revoked:
            return known
        content = json.loads(storage.read_bytes(_place(self._home, key_id, _KEY)))
        return Key(**content, is_revoked=is_revoked)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _folder(home: str) -> str:
    return storage.join(home, _FOLDER)


def _place(home: str, key_id: str, ending: str) -> str:
    return storage.join(_folder(home), key_id + ending)
