"""Where the registry lives, and a client of it that is quiet and sends nothing anywhere.

MLFLOW_TRACKING_URI names a server or database. Without it the registry is embedded: an SQLite file
and a folder for artifacts in HOME/registry. SQLite can't live in a bucket, so for a home on S3 the
file lies in the user's data folder; set MLFLOW_TRACKING_URI to share such a registry.
"""

import fcntl
import hashlib
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tracer_ray import storage
from tracer_ray.errors import RegistryError

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Where runs and versions are kept; `folder` is empty where a server keeps them."""

    tracking_uri: str
    folder: str

    @property
    def is_embedded(self) -> bool:
        """Whether the registry is a local file of ours."""
        return bool(self.folder)


def find_place(home: str) -> Place:
    """The server of MLFLOW_TRACKING_URI, else the local folder for this home."""
    server = os.environ.get("MLFLOW_TRACKING_URI", "")
    if server:
        return Place(server, "")
    folder = Path(storage.join(home, "registry")).absolute()
    if storage.is_remote(home):
        folder = _user_folder() / "registry" / hashlib.sha256(home.encode()).hexdigest()[:12]
        _LOG.warning(
            "event=registry_is_local home=%s folder=%s remedy='set MLFLOW_TRACKING_URI'",
            home,
            folder,
        )
    return Place(f"sqlite:///{folder / 'mlflow.db'}", str(folder))


def open_client(place: Place) -> "MlflowClient":
    """A client of the place, with the database created where there is none."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    with changing(place), warnings.catch_warnings(), explained("open it", place):
        warnings.simplefilter("ignore")  # deprecations between MLflow's own dependencies
        from mlflow.tracking import MlflowClient

        logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
        client = MlflowClient(tracking_uri=place.tracking_uri, registry_uri=place.tracking_uri)
        client.search_registered_models(max_results=1)
    return client


@contextmanager
def changing(place: Place) -> Iterator[None]:
    """Let one process at a time change an embedded registry; a server orders its own changes."""
    if not place.is_embedded:
        yield
        return
    with _lock_file(place.folder) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def explained(act: str, place: Place) -> Iterator[None]:
    """Turn MLflow's failures into RegistryErrors that name the place."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        remedy = "is the server of MLFLOW_TRACKING_URI up?" if not place.is_embedded else ""
        text = f"registry {place.tracking_uri}: can't {act}: {error.message} {remedy}"
        raise RegistryError(text.rstrip()) from error


def _lock_file(folder: str) -> BinaryIO:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        return Path(folder, "lock").open("ab")
    except OSError as error:
        raise RegistryError(
            f"registry {folder}: can't be written: {error.strerror}; check its permissions"
        ) from error


def _user_folder() -> Path:
    data = os.environ.get("XDG_DATA_HOME", "")
    return (Path(data) if data else Path.home() / ".local" / "share") / "tracer"
