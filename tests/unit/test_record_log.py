"""What a log keeps of records when a writer is killed, or its disk is full for a moment."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tracer_ray.errors import StorageDeniedError, StorageFullError
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.pooled_record import PooledRecord
from tracer_ray.training.record_log import RecordLog, frame, read_records, records_in

# writes one record, tears the second at a limit on the file's size, and goes on without the limit
TORN = """
import resource, sys
from tests.unit.test_record_log import record
from tracer_ray.errors import StorageFullError
from tracer_ray.training.record_log import RecordLog
log = RecordLog(sys.argv[1], "worker")
log.append(record("first").to_arrow())
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), hard))
try:
    log.append(record("torn").to_arrow())
except StorageFullError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
log.append(record("third").to_arrow())
"""


def record(owner: str, error: str = "", own: int = 4) -> FleetRecord:
    gains = np.array([0.1, np.nan, -0.3, 0.0])
    return FleetRecord(
        owner,
        rows=90,
        tried=3,
        seconds=1.5,
        gains=gains,
        errors=gains**2,
        own=np.full(own, 0.5),
        candidate="elastic_net(alpha=0.1)",
        family="elastic_net",
        settings='{"alpha": 0.1}',
        model=bytes(range(256)),
        error=error,
    )


def assert_same(found: FleetRecord, expected: FleetRecord) -> None:
    for name, value in vars(expected).items():
        np.testing.assert_array_equal(getattr(found, name), value)


def owners(folder: Path) -> list[str]:
    return [FleetRecord.from_arrow(each).owner for each in read_records(str(folder))]


def test_a_record_survives_arrow() -> None:
    assert_same(FleetRecord.from_arrow(record("a").to_arrow()), record("a"))
    failed = record("ß/:*", error="TrainingError: no", own=0)
    assert_same(FleetRecord.from_arrow(failed.to_arrow()), failed)
    assert record("a").parameters == {"alpha": 0.1}


def test_a_rungs_record_survives_arrow() -> None:
    for predicted in (np.array([0.5, 1.5]), np.zeros(0)):
        written = PooledRecord(2, 3, '["elastic_net", {}]', 0.4, 0.1, 2.5, predicted)
        found = PooledRecord.from_arrow(written.to_arrow())
        for name, value in vars(written).items():
            np.testing.assert_array_equal(getattr(found, name), value)


def test_the_records_of_all_writers_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "fleet"
    assert owners(folder) == []
    for worker, names in (("one", ["a", "b"]), ("two", ["", "d/e"])):
        log = RecordLog(str(folder), worker)
        for owner in names:
            log.append(record(owner).to_arrow())
    found = [FleetRecord.from_arrow(batch) for batch in read_records(str(folder))]
    assert sorted(each.owner for each in found) == ["", "a", "b", "d/e"]
    for each in found:
        assert_same(each, record(each.owner))


def test_a_record_torn_anywhere_hides_neither_those_before_nor_those_after() -> None:
    first, torn, last = (frame(record(owner).to_arrow()) for owner in ("first", "torn", "last"))
    for length in range(0, len(torn), 7):
        found = records_in(first + torn[:length] + last)
        assert [each.column("owner")[0].as_py() for each in found] == ["first", "last"]
        assert len(list(records_in(first + torn[:length]))) == 1


def test_a_record_with_a_changed_byte_is_not_there() -> None:
    first, last = frame(record("first").to_arrow()), frame(record("last").to_arrow())
    for at in range(0, len(first), 11):
        changed = bytearray(first)
        changed[at] ^= 1
        found = [each.column("owner")[0].as_py() for each in records_in(bytes(changed) + last)]
        assert found == ["last"]


def test_an_append_torn_in_a_living_process_spoils_nothing(tmp_path: Path) -> None:
    """The limit on the size of a file is a full disk: the write stops in the middle."""
    whole = len(frame(record("first").to_arrow()))
    command = [sys.executable, "-c", TORN, str(tmp_path), str(whole + 100)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "no space is left; free some" in done.stdout
    assert owners(tmp_path) == ["first", "third"]
    assert (tmp_path / "worker.log").stat().st_size > 2 * whole


def test_a_full_device_is_told_apart(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    (tmp_path / "worker.log").symlink_to("/dev/full")
    with pytest.raises(StorageFullError, match="no space is left") as raised:
        RecordLog(str(tmp_path), "worker").append(record("a").to_arrow())
    assert isinstance(raised.value.__cause__, OSError)
    assert raised.value.__cause__.errno == errno.ENOSPC


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_read_only_folder_is_denied(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageDeniedError, match="access denied"):
        RecordLog(str(tmp_path), "worker").append(record("a").to_arrow())
