"""Storage: whole files or none, and failures that say what to do."""

import os
import shutil
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.s3_server import s3_bucket
from tracer_ray import storage
from tracer_ray.errors import (
    StorageDeniedError,
    StorageError,
    StorageFullError,
    StorageMissingError,
    StorageThrottledError,
    StorageUnreachableError,
)
from tracer_ray.ports import free_port

bucket = pytest.fixture(scope="module")(s3_bucket)


def test_what_was_written_is_read_and_listed(tmp_path: Path) -> None:
    home = str(tmp_path)
    storage.write_bytes(storage.join(home, "a", "b.bin"), b"one")
    storage.write_bytes(storage.join(home, "a", "b.bin"), b"two")
    assert storage.read_bytes(storage.join(home, "a", "b.bin")) == b"two"
    assert storage.list_files(home) == (f"{home}/a/b.bin",)


def test_a_missing_file_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(StorageMissingError, match=r"absent\.json.*check the path"):
        storage.read_bytes(str(tmp_path / "absent.json"))


def test_a_home_without_space_enough_is_told_before_it_is_full(tmp_path: Path) -> None:
    home = str(tmp_path / "not" / "there" / "yet")
    free = storage.free_bytes(home)
    assert free is not None
    assert free == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.05)
    storage.check_space(home, free // 2)
    with pytest.raises(StorageFullError, match=r"MB will be written.*MB are free; free some"):
        storage.check_space(home, 4 * free)


def test_a_bucket_has_no_end() -> None:
    assert storage.free_bytes("s3://bucket/home") is None
    storage.check_space("s3://bucket/home", 1 << 60)


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


@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        (400, "ExpiredToken", StorageDeniedError, "the credentials have expired; renew them"),
        (403, "AccessDenied", StorageDeniedError, "access denied; check that the credentials"),
        (503, "SlowDown", StorageThrottledError, "asks for fewer requests; try again later"),
        (404, "NoSuchBucket", StorageMissingError, "there is no such bucket; create it"),
        (404, "NoSuchKey", StorageMissingError, "nothing is there; check the path"),
    ],
)
def test_every_refusal_of_a_bucket_has_its_own_message(
    monkeypatch: pytest.MonkeyPatch, status: int, code: str, kind: type[StorageError], said: str
) -> None:
    server = refusing(status, code)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with pytest.raises(kind, match=f"s3://tracer/rows.*{said}"):
        storage.write_bytes("s3://tracer/rows", b"x")
    server.shutdown()
    server.server_close()


def test_a_store_that_does_not_answer_is_told_from_one_that_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with pytest.raises(StorageUnreachableError, match=r"s3://tracer/home.*check AWS_ENDPOINT_URL"):
        storage.check_writable("s3://tracer/home")


def refusing(status: int, code: str) -> HTTPServer:
    """A store that refuses every request in the words of S3."""

    class Refusal(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_PUT()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Refusal)
    Thread(target=server.serve_forever, daemon=True).start()
    return server
