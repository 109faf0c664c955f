"""What the doctor makes of what it finds, and what a job takes along."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tracer_ray.engine.doctor import (
    NodeReport,
    dashboard_finding,
    report_of,
    storage_finding,
    threads_finding,
    upload_finding,
    versions_findings,
)
from tracer_ray.working_dir import files_to_upload

HERE = NodeReport("this process", {"python": "3.11.9", "ray": "2.60.0"}, "1", "")


def answering(status: int) -> HTTPServer:
    """A dashboard that answers every request with a status."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("0.0.0.0", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_another_version_on_a_node_is_named_with_both() -> None:
    other = NodeReport("node b", {"python": "3.11.9", "ray": "2.59.0"}, "1", "")
    same, wrong = versions_findings(HERE, [HERE, other])
    assert same.is_well
    assert wrong.found == "ray 2.59.0 instead of 2.60.0"
    assert "requirements.lock" in wrong.remedy


def test_a_home_that_cannot_be_written_is_found_by_writing(tmp_path: Path) -> None:
    assert storage_finding(report_of("here", str(tmp_path)), str(tmp_path)).is_well
    assert "GB are free" in storage_finding(report_of("here", str(tmp_path)), str(tmp_path)).found
    assert list(tmp_path.iterdir()) == []
    occupied = tmp_path / "file"
    occupied.write_text("x")
    found = storage_finding(report_of("here", str(occupied)), str(occupied))
    assert not found.is_well
    assert str(occupied) in found.found


def test_threads_other_than_one_are_found() -> None:
    assert threads_finding(HERE).is_well
    many = threads_finding(NodeReport("node b", {}, "", ""))
    assert many.found == "OMP_NUM_THREADS is not set"
    assert "OMP_NUM_THREADS=1" in many.remedy


@pytest.mark.parametrize(("status", "is_well"), [(200, False), (401, True)])
def test_a_dashboard_is_exposed_if_it_answers_without_a_token(status: int, is_well: bool) -> None:
    server = answering(status)
    found = dashboard_finding(f"0.0.0.0:{server.server_port}")
    server.shutdown()
    server.server_close()
    assert found.is_well == is_well
    assert is_well or "RAY_AUTH_MODE=token" in found.remedy


def test_a_dashboard_on_loopback_or_none_is_no_danger() -> None:
    assert dashboard_finding("").is_well
    assert dashboard_finding("127.0.0.1:8265").is_well


def test_data_environments_and_tests_stay_behind(tmp_path: Path) -> None:
    for name in ("jobs/train.py", "tests/test_x.py", ".venv/lib/x.py", "a/rows.parquet", "a/b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(1 << 20))
    taken = [path.relative_to(tmp_path).as_posix() for path in files_to_upload(tmp_path)]
    assert taken == ["a/b.py", "jobs/train.py"]
    assert upload_finding(tmp_path).is_well
    (tmp_path / "big.bin").write_bytes(bytes(21 << 20))
    found = upload_finding(tmp_path)
    assert "23.0 MB" in found.found
    assert not found.is_well
