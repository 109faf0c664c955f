"""A job submitted to a real Ray head, as the README shows it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes import kill_with_all_below
from tracer_ray.ports import free_port
from tracer_ray.registry.registry import Registry
from tracer_ray.synthetic import write_demo

ROOT = Path(__file__).parents[2]
RAY = str(Path(sys.executable).with_name("ray"))
DEADLINE_S = 120.0


@dataclass(frozen=True)
class Head:
    """A running head: the address of its dashboard and the environment that may talk to it."""

    dashboard: str
    address: str
    environment: dict[str, str]


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Head]:
    """A head of its own, started with a token as Ray demands it."""
    folder = tmp_path_factory.mktemp("head")
    environment = {name: text for name, text in os.environ.items() if not name.startswith("RAY_")}
    environment |= {
        "HOME": str(folder),
        "PATH": f"{Path(RAY).parent}:{os.environ['PATH']}",
        "RAY_AUTH_MODE": "token",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_TMPDIR": tempfile.mkdtemp(prefix="ray"),  # short: sockets have short paths
    }
    _run([RAY, "get-auth-token", "--generate"], environment)
    port, dashboard = free_port(), free_port()
    command = [RAY, "start", "--head", "--block", "--num-cpus=2", f"--port={port}"]
    command += [f"--dashboard-port={dashboard}", f"--dashboard-agent-listen-port={free_port()}"]
    with (folder / "head.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_open(dashboard, process)
        yield Head(f"http://127.0.0.1:{dashboard}", f"127.0.0.1:{port}", environment)
    finally:
        kill_with_all_below(process.pid)  # to end in order takes it half a minute
        process.wait(timeout=60)


def test_a_submitted_job_trains_and_registers_a_release(head: Head, tmp_path: Path) -> None:
    customers = write_demo(tmp_path / "data", seed=1).customers
    home = tmp_path / "home"
    job = f"python jobs/train.py customer_churn --data {customers} --home {home} --budget small"
    command = [RAY, "job", "submit", "--address", head.dashboard, "--working-dir", ".", "--"]
    done = _submit([*command, *job.split()], head.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    said = next(line for line in done.stdout.splitlines() if line.startswith('{"release"'))
    (entry,) = Registry(str(home)).releases("customer_churn")
    assert json.loads(said)["release"] == entry.release


def test_submit_streams_the_job_and_ends_with_its_status(head: Head, tmp_path: Path) -> None:
    """The job's rows are not there, so it ends with 2 and says why."""
    tracer = str(Path(sys.executable).with_name("tracer"))
    command = [tracer, "submit", "--dashboard", head.dashboard, "ingest", "customer_churn"]
    missing, home = str(tmp_path / "absent.parquet"), str(tmp_path / "home")
    failed = _run([*command, "--data", missing, "--home", home], head.environment)
    assert failed.returncode == 2, failed.stdout + failed.stderr
    assert failed.stdout.count("nothing is there") == 1
    assert "packaging" not in failed.stdout + failed.stderr
    customers = str(write_demo(tmp_path / "data", seed=1).customers)
    done = _run([*command, "--data", customers, "--home", home], head.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert any(line.startswith('{"dataset"') for line in done.stdout.splitlines())


def test_the_doctor_finds_a_head_with_a_token_in_order(head: Head, tmp_path: Path) -> None:
    tracer = str(Path(sys.executable).with_name("tracer"))
    environment = head.environment | {"OMP_NUM_THREADS": "1"}
    command = [tracer, "doctor", "--address", head.address, "--home", str(tmp_path), "--json"]
    done = _run(command, environment)
    findings = {each["check"]: each for each in json.loads(done.stdout)}
    assert [each for each in findings.values() if not each["is_well"]] == []
    assert done.returncode == 0
    kinds = {check.split()[0] for check in findings}
    assert kinds == {"address", "versions", "storage", "threads", "dashboard", "working_dir"}


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _submit(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Submit, again as long as the head says that it is not ready to take a job."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        done = _run(command, environment)
        if "No available agent" not in done.stderr or time.monotonic() > deadline:
            return done


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    """Poll the dashboard's port; it opens some seconds after the head began."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1.0)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail(f"the head did not open port {port}; it ended with {process.poll()}")
