"""Which of several files hold the rows."""

from pathlib import Path

import pytest

from blueprints.support_volume import SUPPORT_VOLUME
from tracer_ray.data.sources import find_files
from tracer_ray.data.survey import survey_files
from tracer_ray.errors import SchemaError

LOG = "case_id,activity_id,finished\nc1,a1,2024-01-01\n"


def test_ids_that_could_be_counted_are_another_table_beside_the_number_itself(
    tmp_path: Path,
) -> None:
    (tmp_path / "calls.csv").write_text("timestamp,calls\n2024-01-01,5\n")
    (tmp_path / "incidents.csv").write_text(LOG)
    found = survey_files(SUPPORT_VOLUME, find_files([str(tmp_path)]), {})
    assert [file.uri.rpartition("/")[2] for file in found.files] == ["calls.csv"]
    assert list(found.ignored.values()) == ["another table: it lacks time"]


def test_a_file_of_tickets_without_a_time_is_refused_and_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "2023.csv").write_text("ticket_id,created_at\nt1,2023-01-01\n")
    (tmp_path / "2024.csv").write_text("ticket_id,opened_when\nt2,2024-01-01\n")
    with pytest.raises(SchemaError, match=r"2024\.csv: column 'time' is missing"):
        survey_files(SUPPORT_VOLUME, find_files([str(tmp_path)]), {})
