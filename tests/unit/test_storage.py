"""Storage: whole files or none, and failures that say what to do."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import fs

from tracer_ray import storage
from tracer_ray.errors import StorageDeniedError, StorageMissingError


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket on a local S3 server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    patch = pytest.MonkeyPatch()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        patch.setenv(name, value)
    address = f"http://{host}:{port}"
    fs.S3FileSystem(endpoint_override=address, allow_bucket_creation=True).create_dir("tracer")
    yield "s3://tracer"
    patch.undo()
    server.stop()


def test_what_was_written_is_read_and_listed(tmp_path: Path) -> None:
    home = str(tmp_path)
    storage.write_bytes(storage.join(home, "a", "b.bin"), b"one")
    storage.write_bytes(storage.join(home, "a", "b.bin"), b"two")
    assert storage.read_bytes(storage.join(home, "a", "b.bin")) == b"two"
    assert storage.list_files(home) == (f"{home}/a/b.bin",)


def test_a_missing_file_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(StorageMissingError, match=r"absent\.json.*check the path"):
        storage.read_bytes(str(tmp_path / "absent.json"))


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read everything")
def test_a_forbidden_file_is_denied(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"x")
    file.chmod(0)
    with pytest.raises(StorageDeniedError, match=r"secret.*credentials"):
        storage.read_bytes(str(file))


def test_a_folder_is_published_whole_and_an_existing_one_stays(tmp_path: Path) -> None:
    home, final = str(tmp_path), str(tmp_path / "out" / "final")
    for temporary, content in (("t1", b"first"), ("t2", b"second")):
        storage.write_bytes(storage.join(home, temporary, storage.MANIFEST), content)
        storage.publish(storage.join(home, temporary), final)
        assert not storage.exists(storage.join(home, temporary))
    assert storage.read_bytes(storage.join(final, storage.MANIFEST)) == b"first"


def test_removing_what_is_not_there_is_fine(tmp_path: Path) -> None:
    storage.remove_tree(str(tmp_path / "nothing"))


def test_s3_keeps_lists_publishes_and_removes(bucket: str) -> None:
    storage.write_bytes(storage.join(bucket, "t", "rows", "x.bin"), b"x")
    storage.write_bytes(storage.join(bucket, "t", storage.MANIFEST), b"{}")
    storage.publish(storage.join(bucket, "t"), storage.join(bucket, "final"))
    assert storage.list_files(storage.join(bucket, "final")) == (
        "s3://tracer/final/manifest.json",
        "s3://tracer/final/rows/x.bin",
    )
    assert storage.read_bytes("s3://tracer/final/rows/x.bin") == b"x"
    assert storage.list_files(storage.join(bucket, "t")) == ()


def test_a_missing_bucket_is_missing(bucket: str) -> None:
    with pytest.raises(StorageMissingError, match="s3://no-such-bucket/x"):
        storage.read_bytes("s3://no-such-bucket/x")
