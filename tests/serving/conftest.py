"""A home and its champions for the tests of serving in one process."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import until_open
from tracer_ray.ports import free_port
from tracer_ray.serving.champions import Champions


@pytest.fixture(scope="session")
def champions(promoted_home: str) -> Champions:
    """The champions of the shared home, loaded once; nobody may change them."""
    champions = Champions(promoted_home)
    champions.load()
    return champions


@pytest.fixture
def home(promoted_home: str, tmp_path: Path) -> str:
    """A home of a test's own with one champion of each blueprint."""
    shutil.copytree(promoted_home, tmp_path / "home")
    return str(tmp_path / "home")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of these tests' own."""
    command = shutil.which("redis-server") or shutil.which("valkey-server")
    if command is None:
        pytest.skip("no redis-server on this machine")
    port = free_port()
    started = subprocess.Popen([command, "--port", str(port), "--save", "", "--appendonly", "no"])
    until_open(port)
    yield f"redis://127.0.0.1:{port}"
    started.terminate()
    started.wait()
