"""Releases appear whole, read back as they were written, and can't be altered unnoticed."""

import io
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from blueprints.player_props import PLAYER_PROPS
from tracer_ray.errors import ReleaseError
from tracer_ray.releases.manifest import Figures, Origin
from tracer_ray.releases.release import Release, ReleaseContents, list_releases, write_release
from tracer_ray.releases.tables import EntityRecord, Level, StoredModel
from tracer_ray.splits import stable_hashes

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
CONTENTS = ReleaseContents(
    blueprint=PLAYER_PROPS,
    origin=Origin("data", "d1", "2020-10-20", "2023-04-09", 7, {"candidates": 8}, {"cpus": 2}),
    figures={"points": Figures("mae", 10, "t", {"mae": 4.5}, {"mae": 4.6}, {"mae": 5.0})},
    features=("rest_days", "is_home"),
    features_digest="f1",
    models=(
        StoredModel("points", "", "pooled", "lightgbm", {"num_leaves": 31}, b"\x00tree"),
        StoredModel("points", "curry", "entity", "elastic_net", {"alpha": 1.0}, b"line"),
    ),
    entities=(
        EntityRecord("points", "james", "LeBron James", Level.POOLED, "too few rows", 12),
        EntityRecord("points", "curry", "Stephen Curry", Level.BLEND, "gain", 300, 0.5, skill=0.1),
    ),
    state={"sums": np.arange(3.0), "names": np.array(["curry", "james"])},
    vocabulary={"opponent": ["BOS", "LAL"]},
    calibration={"points": {"method": "none"}},
    calibration_arrays={"points/residuals": np.array([-1.0, 0.0, 1.5])},
    known_keys=stable_hashes(np.array(["b", "a", "b"], dtype=object)),
    report={"index.html": b"<!doctype html>"},
    usual_values={"rest_days": 2, "opponent": "BOS"},
)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return write_release(str(tmp_path), CONTENTS, created=NOON)


def test_a_release_reads_back_as_it_was_written(release: Release) -> None:
    opened = Release.open(release.uri)
    assert opened.manifest == release.manifest
    assert opened.blueprint() == PLAYER_PROPS
    assert opened.models() == CONTENTS.models
    assert [record.owner for record in opened.entities()] == ["curry", "james"]
    assert opened.entities()[0].level is Level.BLEND
    assert np.isnan(opened.entities()[1].skill)
    assert opened.vocabulary() == CONTENTS.vocabulary
    assert opened.calibration() == CONTENTS.calibration
    assert opened.usual_values() == CONTENTS.usual_values
    np.testing.assert_array_equal(opened.calibration_arrays()["points/residuals"], [-1, 0, 1.5])
    np.testing.assert_array_equal(opened.state()["names"], ["curry", "james"])
    assert opened.read("report/index.html") == b"<!doctype html>"


def test_its_name_is_the_time_and_the_fingerprint(release: Release) -> None:
    assert release.name == f"20261121-120000-{release.manifest.fingerprint[:8]}"
    assert release.manifest.created == "2026-11-21T12:00:00+00:00"
    assert release.uri.endswith(f"/releases/player_props/{release.name}")


def test_known_keys_are_unique_sorted_hashes(release: Release) -> None:
    keys = release.known_keys()
    assert keys.dtype == np.uint64
    assert len(keys) == 2
    assert keys[0] < keys[1]


def test_order_time_cost_settings_and_report_do_not_move_the_fingerprint(tmp_path: Path) -> None:
    first = write_release(str(tmp_path), CONTENTS, created=NOON)
    again = replace(
        CONTENTS,
        models=CONTENTS.models[::-1],
        entities=tuple(replace(each, seconds=9.0) for each in CONTENTS.entities[::-1]),
        report={"index.html": b"took longer"},
        origin=replace(CONTENTS.origin, settings={"cpus": 1}, dataset_uri="elsewhere"),
    )
    second = write_release(str(tmp_path), again, created=NOON + timedelta(days=1))
    assert second.manifest.fingerprint == first.manifest.fingerprint
    assert second.name != first.name


@pytest.mark.parametrize(
    "changed",
    [
        replace(CONTENTS, models=CONTENTS.models[:1]),
        replace(CONTENTS, entities=(replace(CONTENTS.entities[0], rows=13), CONTENTS.entities[1])),
        replace(CONTENTS, state={**CONTENTS.state, "sums": np.arange(4.0)}),
        replace(CONTENTS, features=CONTENTS.features[::-1]),
        replace(CONTENTS, origin=replace(CONTENTS.origin, dataset_fingerprint="d2")),
        replace(CONTENTS, origin=replace(CONTENTS.origin, seed=8)),
    ],
)
def test_other_content_is_another_fingerprint(
    release: Release, tmp_path: Path, changed: ReleaseContents
) -> None:
    other = write_release(str(tmp_path), changed, created=NOON + timedelta(days=1))
    assert other.manifest.fingerprint != release.manifest.fingerprint


def test_another_process_gives_the_same_fingerprint(release: Release, tmp_path: Path) -> None:
    code = (
        "import importlib.util as u, sys; s = u.spec_from_file_location('t', sys.argv[1]);"
        "m = u.module_from_spec(s); s.loader.exec_module(m);"
        "print(m.write_release(sys.argv[2], m.CONTENTS).manifest.fingerprint)"
    )
    command = [sys.executable, "-c", code, __file__, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == release.manifest.fingerprint


def test_an_altered_file_is_named_with_both_hashes(release: Release) -> None:
    Path(release.uri, "models.parquet").write_bytes(b"other")
    expected = release.manifest.files["models.parquet"].sha256
    found = "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
    with pytest.raises(ReleaseError, match=rf"models\.parquet was altered.*{expected}.*{found}"):
        release.models()
    with pytest.raises(ReleaseError, match=r"models\.parquet"):
        Release.open(release.uri).verify()


def test_hashes_altered_with_their_file_are_noticed(release: Release) -> None:
    manifest = Path(release.uri, "manifest.json")
    old = release.manifest.files["state.npz"].sha256
    manifest.write_text(manifest.read_text().replace(old, "0" * 64))
    with pytest.raises(ReleaseError, match=r"manifest\.json was altered: fingerprint"):
        Release.open(release.uri)


def test_a_missing_file_is_named(release: Release) -> None:
    Path(release.uri, "state.npz").unlink()
    with pytest.raises(ReleaseError, match=r"state\.npz is missing"):
        release.verify()


@pytest.mark.parametrize("text", ["", "{}", '{"blueprint": 3}', "[1"])
def test_a_broken_manifest_is_an_error_that_names_it(release: Release, text: str) -> None:
    Path(release.uri, "manifest.json").write_text(text)
    with pytest.raises(ReleaseError, match=r"manifest\.json"):
        Release.open(release.uri)


def test_a_folder_without_a_manifest_is_neither_listed_nor_opened(
    release: Release, tmp_path: Path
) -> None:
    Path(release.uri, "manifest.json").unlink()
    assert list_releases(str(tmp_path), "player_props") == ()
    with pytest.raises(ReleaseError, match="no complete release"):
        Release.open(release.uri)


def test_a_writer_killed_before_publishing_leaves_nothing_listed(
    release: Release, tmp_path: Path
) -> None:
    folder = Path(release.uri)
    folder.rename(folder.with_name(f".{folder.name}-unfinished"))
    assert list_releases(str(tmp_path), "player_props") == ()


def test_a_failing_writer_cleans_up(tmp_path: Path) -> None:
    blocked = replace(CONTENTS, report={"a": b"", "a/b": b""})
    with pytest.raises(Exception, match="report/a"):
        write_release(str(tmp_path), blocked)
    assert list(Path(tmp_path, "releases", "player_props").iterdir()) == []


def test_releases_are_listed_newest_first(release: Release, tmp_path: Path) -> None:
    newer = write_release(str(tmp_path), CONTENTS, created=NOON + timedelta(seconds=1))
    names = [uri.rsplit("/", 1)[-1] for uri in list_releases(str(tmp_path), "player_props")]
    assert names == [newer.name, release.name]
    assert list_releases(str(tmp_path), "unknown") == ()


def test_two_writers_at_once_leave_whole_releases(tmp_path: Path) -> None:
    changed = [
        replace(CONTENTS, origin=replace(CONTENTS.origin, seed=seed % 2)) for seed in range(6)
    ]
    threads = [
        threading.Thread(target=write_release, args=(str(tmp_path), each), kwargs={"created": NOON})
        for each in changed
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = list_releases(str(tmp_path), "player_props")
    assert len(found) == 2
    for uri in found:
        Release.open(uri).verify()
    assert len(list(Path(tmp_path, "releases", "player_props").iterdir())) == 2


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    unsafe = replace(CONTENTS, state={"names": np.array(["a"], dtype=object)})
    with pytest.raises(ValueError, match="allow_pickle"):
        write_release(str(tmp_path), unsafe)


def test_models_of_many_entities_are_one_file_of_several_row_groups(tmp_path: Path) -> None:
    many = tuple(
        StoredModel("points", f"{owner:04}", "entity", "elastic_net", {}, b"m")
        for owner in range(200)
    )
    release = write_release(str(tmp_path), replace(CONTENTS, models=many))
    assert pq.ParquetFile(io.BytesIO(release.read("models.parquet"))).num_row_groups == 4
    assert release.models() == many


def test_undefined_scores_are_left_out(tmp_path: Path) -> None:
    scores = {"mae": 4.5, "auc": float("nan")}
    figures = {"points": replace(CONTENTS.figures["points"], ours=scores)}
    release = write_release(str(tmp_path), replace(CONTENTS, figures=figures))
    assert Release.open(release.uri).manifest.figures["points"].ours == {"mae": 4.5}
