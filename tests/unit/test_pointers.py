"""Champion pointers: promotion and rollback write them, a moved home keeps them, damage is said."""

import json
import shutil
from pathlib import Path

import pytest

from tracer_ray.errors import RegistryError
from tracer_ray.registry.pointers import (
    Challenger,
    Pointer,
    pointed_blueprints,
    promoted_blueprints,
    read_pointer,
    write_pointer,
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    home = str(tmp_path)
    assert read_pointer(home, "goals") is None
    for number in (1, 2):
        pointer = Pointer("goals", f"r{number}", f"{home}/releases/goals/r{number}", number)
        write_pointer(home, pointer)
        assert read_pointer(home, "goals") == pointer
    assert pointed_blueprints(home) == ("goals",)


def test_a_home_that_was_moved_keeps_its_champions(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    before, after = (
        Pointer(
            "goals",
            "r1",
            str(home / "releases/goals/r1"),
            3,
            str(home / "states/goals/s.npz"),
            (
                Challenger(
                    "r2", str(home / "releases/goals/r2"), 4, "2030-01-01", ((0, 5), (7, 9))
                ),
                Challenger("r3", "s3://bucket/r3", 5, "2030-01-02", (), str(home / "states/s3")),
            ),
        )
        for home in (old, new)
    )
    write_pointer(str(old), before)
    shutil.move(old, new)
    assert read_pointer(str(new), "goals") == after


def test_a_release_elsewhere_is_named_whole(tmp_path: Path) -> None:
    elsewhere = Pointer("goals", "r1", "s3://bucket/releases/goals/r1", 1)
    write_pointer(str(tmp_path), elsewhere)
    assert read_pointer(str(tmp_path), "goals") == elsewhere


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"release": "r1", "uri": "u"}',
        '{"release": "r1", "uri": "u", "version": 1, "challengers": [{}]}',
    ],
)
def test_a_damaged_pointer_says_what_to_do(tmp_path: Path, content: str) -> None:
    place = tmp_path / "champions" / "goals.json"
    place.parent.mkdir()
    place.write_text(content)
    with pytest.raises(RegistryError, match=r"goals\.json: expected JSON .* promote"):
        read_pointer(str(tmp_path), "goals")


def test_what_is_not_promoted_is_said(tmp_path: Path) -> None:
    home = str(tmp_path)
    with pytest.raises(RegistryError, match="no release is promoted yet"):
        promoted_blueprints(home)
    write_pointer(home, Pointer("goals", "r1", "s3://bucket/r1", 1))
    assert promoted_blueprints(home) == promoted_blueprints(home, ("goals",)) == ("goals",)
    with pytest.raises(RegistryError, match="there is goals"):
        promoted_blueprints(home, ("shots",))


def test_half_written_documents_are_no_pointers(tmp_path: Path) -> None:
    write_pointer(str(tmp_path), Pointer("goals", "r1", "s3://bucket/r1", 1))
    (tmp_path / "champions" / ".shots.json.abc").write_text(json.dumps({}))
    (tmp_path / "champions" / "notes.txt").write_text("")
    assert pointed_blueprints(str(tmp_path)) == ("goals",)
