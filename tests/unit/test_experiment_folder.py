"""Experiment folders: gone afterwards, whoever was killed, and never another's."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tracer_ray.engine.experiment_folder import experiment_folder

HOLD = """
import sys
from tracer_ray.engine.experiment_folder import experiment_folder
with experiment_folder() as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_the_folder_is_gone_after_an_interrupt(temporary: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        be_interrupted()
    assert list(temporary.iterdir()) == []


def be_interrupted() -> None:
    with experiment_folder() as folder:
        Path(folder, "state.json").write_text("{}", encoding="utf-8")
        raise KeyboardInterrupt


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_holds_is_not() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    ) as process:
        assert process.stdout is not None
        held = Path(process.stdout.readline().strip())
        with experiment_folder() as folder:
            assert held.is_dir()
            assert Path(folder).is_dir()
        process.send_signal(signal.SIGKILL)
    assert held.is_dir()
    with experiment_folder():
        assert not held.exists()
