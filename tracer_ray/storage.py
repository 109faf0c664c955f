"""Files in a local folder or an S3 bucket, through one set of functions.

A URI is a local path or `s3://bucket/key`. S3 credentials and region come from the usual AWS
environment; AWS_ENDPOINT_URL points to another S3-compatible store. Every failure is a StorageError
that names the URI and says what to do.
"""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyarrow import fs

from tracer_ray.errors import (
    StorageDeniedError,
    StorageError,
    StorageFullError,
    StorageMissingError,
    StorageThrottledError,
    StorageUnreachableError,
)

MANIFEST = "manifest.json"
_MISSING = ("no such file", "not found", "nosuchkey", "nosuchbucket", "no_such", "http status 404")
_NO_BUCKET = ("nosuchbucket", "no_such_bucket", "bucket does not exist")
_EXPIRED = ("expired", "requesttimetooskewed")
_DENIED = (
    "denied",
    "http status 403",
    "http status 401",
    "invalidaccesskeyid",
    "signaturedoesnotmatch",
    "invalid_access_key",
    "signature_does_not_match",
    "no credentials",
    "permission",
)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_UNREACHABLE = ("network_connection", "could not connect", "could not resolve", "timed out")
_GONE = (errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN, errno.EHOSTUNREACH)
_THROTTLED = ("slowdown", "slow_down", "throttl", "http status 503", "http status 429")


def is_remote(uri: str) -> bool:
    """Whether the URI is in an S3 bucket.

    >>> is_remote("s3://bucket/folder"), is_remote("folder")
    (True, False)
    """
    return uri.startswith("s3://")


def join(uri: str, *parts: str) -> str:
    """The URI of something below another.

    >>> join("s3://bucket/home/", "datasets", "churn")
    's3://bucket/home/datasets/churn'
    """
    return "/".join([uri.rstrip("/") or "/", *(part.strip("/") for part in parts)])


def name(uri: str) -> str:
    """The last part of a URI.

    >>> name("s3://bucket/home/rows.parquet")
    'rows.parquet'
    """
    return uri.rstrip("/").rsplit("/", 1)[-1]


def absolute(uri: str) -> str:
    """The URI as every process of this machine or cluster would name it."""
    return uri if is_remote(uri) else str(Path(uri).absolute())


def filesystem(uri: str) -> tuple[fs.FileSystem, str]:
    """The pyarrow file system of a URI and the path inside it."""
    if is_remote(uri):
        return _s3(), uri.removeprefix("s3://")
    return fs.LocalFileSystem(), absolute(uri)


def exists(uri: str) -> bool:
    """Whether a file or folder is there."""
    return bool(_info(uri).type != fs.FileType.NotFound)


def is_folder(uri: str) -> bool:
    """Whether the URI is a folder (on S3: a prefix of at least one object)."""
    return bool(_info(uri).type == fs.FileType.Directory)


def read_bytes(uri: str) -> bytes:
    """The whole content of a file."""
    system, path = filesystem(uri)
    with explained(uri, "read"), system.open_input_file(path) as stream:
        return bytes(stream.read())


def write_bytes(uri: str, data: bytes) -> None:
    """Write a file whole or not at all: temporary name then rename; on S3 one put."""
    system, path = filesystem(uri)
    with explained(uri, "write"):
        if is_remote(uri):
            with system.open_output_stream(path) as stream:
                stream.write(data)
            return
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            temporary.write_bytes(data)
            temporary.replace(target)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise


def list_files(uri: str) -> tuple[str, ...]:
    """The URIs of all files below a folder, sorted; empty where there is no folder."""
    system, path = filesystem(uri)
    with explained(uri, "list"):
        found = system.get_file_info(fs.FileSelector(path, allow_not_found=True, recursive=True))
    prefix = "s3://" if is_remote(uri) else ""
    return tuple(sorted(prefix + each.path for each in found if each.type == fs.FileType.File))


def size_bytes(uri: str) -> int:
    """The size of a file; StorageMissingError where there is none."""
    info = _info(uri)
    if info.type != fs.FileType.File:
        raise StorageMissingError(f"{uri}: no such file; check the path")
    return int(info.size)


def make_folder(uri: str) -> None:
    """Create a local folder and its parents; S3 needs none."""
    if not is_remote(uri):
        with explained(uri, "create"):
            Path(uri).mkdir(parents=True, exist_ok=True)


def remove_tree(uri: str) -> None:
    """Remove a folder with all it holds; nothing happens where there is none."""
    system, path = filesystem(uri)
    if exists(uri):
        with explained(uri, "remove"):
            system.delete_dir(path)


def remove_file(uri: str) -> None:
    """Remove a file; StorageMissingError where there is none."""
    system, path = filesystem(uri)
    with explained(uri, "remove"):
        system.delete_file(path)


def publish(temporary_uri: str, final_uri: str) -> None:
    """Let a folder appear whole under its final name; a folder that is there already stays.

    Locally one rename. On S3 a copy of every object, `manifest.json` last: what lacks a manifest
    was not published.
    """
    if is_remote(final_uri):
        _copy_objects(temporary_uri, final_uri)
        remove_tree(temporary_uri)
        return
    with explained(final_uri, "publish"):
        Path(final_uri).parent.mkdir(parents=True, exist_ok=True)
        try:
            Path(temporary_uri).rename(final_uri)
        except OSError:
            if not exists(join(final_uri, MANIFEST)):
                raise
            remove_tree(temporary_uri)


def check_writable(uri: str) -> None:
    """Write a small file below a folder, read it and remove it; StorageError where that fails."""
    probe = join(uri, f".writable-{uuid.uuid4().hex}")
    write_bytes(probe, b"tracer")
    found = read_bytes(probe)
    remove_file(probe)
    if found != b"tracer":
        raise StorageError(f"{probe}: what was written is not what is read; check the store")


def free_bytes(uri: str) -> int | None:
    """What may still be written below a local folder, which need not be there; None on S3."""
    if is_remote(uri):
        return None
    folder = Path(uri).absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def check_space(uri: str, needed_bytes: int) -> None:
    """StorageFullError where less is free below a folder than is needed."""
    free = free_bytes(uri)
    if free is not None and free < needed_bytes:
        raise StorageFullError(
            f"{uri}: about {needed_bytes / 2**20:,.0f} MB will be written and "
            f"{free / 2**20:,.0f} MB are free; free some, or name another home"
        )


@contextmanager
def explained(uri: str, act: str) -> Iterator[None]:
    """Turn the failures of a file system into StorageErrors that name the URI and the remedy."""
    try:
        yield
    except OSError as error:
        raise _explanation(uri, act, error) from error


def _explanation(uri: str, act: str, error: OSError) -> StorageError:
    text = str(error).lower()
    what = f"{uri}: can't {act} it"
    if error.errno in _FULL:
        return StorageFullError(f"{what}: no space is left; free some, or name another home")
    if error.errno == errno.EROFS:
        return StorageDeniedError(f"{what}: the file system is read-only; name another home")
    if any(word in text for word in _EXPIRED):
        return StorageDeniedError(f"{what}: the credentials have expired; renew them")
    if any(word in text for word in _NO_BUCKET):
        return StorageMissingError(f"{what}: there is no such bucket; create it, or check its name")
    if isinstance(error, PermissionError) or any(word in text for word in _DENIED):
        remedy = "check that the credentials are set, not expired, and allow this path"
        return StorageDeniedError(f"{what}: access denied; {remedy}")
    if any(word in text for word in _THROTTLED):
        return StorageThrottledError(f"{what}: the store asks for fewer requests; try again later")
    if error.errno in _GONE or any(word in text for word in _UNREACHABLE):
        remedy = "check AWS_ENDPOINT_URL, the mount or the network, then give the command again"
        return StorageUnreachableError(f"{what}: the store does not answer; {remedy}")
    if isinstance(error, FileNotFoundError) or any(word in text for word in _MISSING):
        return StorageMissingError(f"{what}: nothing is there; check the path or bucket")
    return StorageError(f"{what}: {error}")


def _s3() -> fs.S3FileSystem:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return fs.S3FileSystem(region=region, endpoint_override=endpoint or None)


def _info(uri: str) -> fs.FileInfo:
    system, path = filesystem(uri)
    with explained(uri, "look at"):
        return system.get_file_info(path)


def _copy_objects(source_uri: str, target_uri: str) -> None:
    system, _ = filesystem(source_uri)
    files = sorted(list_files(source_uri), key=lambda uri: name(uri) == MANIFEST)
    for uri in files:
        target = join(target_uri, uri.removeprefix(source_uri.rstrip("/")))
        with explained(target, "publish"):
            system.copy_file(filesystem(uri)[1], filesystem(target)[1])
