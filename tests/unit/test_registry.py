"""The registry: releases, aliases, promotion on the numbers, rollback, and a lasting history."""

import multiprocessing
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from blueprints.player_props import PLAYER_PROPS
from tracer_ray.errors import RegistryError, ReleaseError
from tracer_ray.registry.client import find_place
from tracer_ray.registry.pointers import Pointer, read_pointer
from tracer_ray.registry.promotion import judge
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.manifest import Figures, Origin
from tracer_ray.releases.release import Release, ReleaseContents, write_release

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
ID = "player_props"
NONE = np.array([], dtype=np.uint64)
Make = Callable[..., Release]


def figures(ours: float, baseline: float = 5.0, tested_on: str = "rows") -> Figures:
    return Figures("mae", 100, tested_on, {"mae": ours}, {"mae": 4.9}, {"mae": baseline})


def write(home: str, day: int, scores: dict[str, Figures]) -> Release:
    origin = Origin("data", f"d{day}", "2020-10-20", "2023-04-09", 7, {"candidates": 8}, {})
    contents = ReleaseContents(
        PLAYER_PROPS, origin, scores, (), "", (), (), {}, {}, {}, {}, NONE, {"index.html": b"r"}
    )
    return write_release(home, contents, created=NOON + timedelta(days=day))


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose registry was created once: MLflow takes a second for each."""
    home = tmp_path_factory.mktemp("empty")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        Registry(str(home))
    return home


@pytest.fixture
def home(empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copytree(empty_home, tmp_path, dirs_exist_ok=True)
    return str(tmp_path)


@pytest.fixture
def registry(home: str) -> Registry:
    return Registry(home)


@pytest.fixture
def make(home: str, registry: Registry) -> Make:
    def _make(day: int, ours: float = 4.5) -> Release:
        release = write(home, day, {"points": figures(ours)})
        registry.register(release)
        return release

    return _make


def aliases(registry: Registry) -> dict[str, str]:
    return {entry.alias: entry.release for entry in registry.releases(ID) if entry.alias}


def test_an_empty_registry_knows_no_release(registry: Registry) -> None:
    assert registry.releases(ID) == []
    assert registry.champion(ID) is None
    assert registry.history(ID) == []


def test_releases_are_listed_newest_first_with_their_figures(
    registry: Registry, make: Make
) -> None:
    older, newer = make(1), make(2, 4.4)
    first, second = registry.releases(ID)
    assert (first.release, second.release) == (newer.name, older.name)
    assert first.to_json() == {
        "release": newer.name,
        "uri": newer.uri,
        "alias": "challenger",
        "created": "2026-11-23T12:00:00+00:00",
        "data_until": "2023-04-09",
        "entities": 0,
        "metrics": {
            "points": {"ours": {"mae": 4.4}, "pooled": {"mae": 4.9}, "baseline": {"mae": 5.0}}
        },
    }


def test_registering_twice_keeps_the_version(registry: Registry, make: Make) -> None:
    release = make(1)
    assert registry.register(release) == 1
    assert len(registry.releases(ID)) == 1


def test_the_challenger_is_the_newest_release_that_was_never_promoted(
    registry: Registry, make: Make
) -> None:
    first, second = make(1, 4.5), make(2, 4.4)
    assert aliases(registry) == {"challenger": second.name}
    registry.promote(ID, second.name, reason="better")
    assert aliases(registry) == {"champion": second.name}
    third = make(3, 4.3)
    assert aliases(registry) == {"champion": second.name, "challenger": third.name}
    with pytest.raises(RegistryError, match="does not beat"):
        registry.promote(ID, first.name, reason="older")


def test_a_worse_release_is_refused_with_the_numbers(registry: Registry, make: Make) -> None:
    champion, worse = make(1, 4.5), make(2, 4.6)
    registry.promote(ID, champion.name, reason="first")
    with pytest.raises(RegistryError, match=r"points: mae 4\.6000 against 4\.5000 on the same 100"):
        registry.promote(ID, worse.name, reason="hope")
    assert aliases(registry)["champion"] == champion.name


def test_force_overrules_the_numbers_and_says_so(registry: Registry, make: Make) -> None:
    champion, worse = make(1, 4.5), make(2, 4.6)
    registry.promote(ID, champion.name, reason="first")
    move = registry.promote(ID, worse.name, reason="new season", is_forced=True, who="ada")
    assert move.is_forced
    assert registry.history(ID)[-1] == move
    assert aliases(registry)["champion"] == worse.name


def test_the_first_release_must_not_lose_to_the_baseline(registry: Registry, make: Make) -> None:
    bad = make(1, 5.1)
    with pytest.raises(RegistryError, match=r"5\.1000 against the baseline's 5\.0000"):
        registry.promote(ID, bad.name, reason="first")
    equal = make(2, 5.0)
    registry.promote(ID, equal.name, reason="first")


def test_rollback_goes_back_one_champion_at_a_time(registry: Registry, make: Make) -> None:
    names = [make(day, 4.9 - day / 10).name for day in (1, 2, 3)]
    for name in names:
        registry.promote(ID, name, reason="better")
    assert registry.rollback(ID, reason="complaints").to_release == names[1]
    assert registry.rollback(ID, reason="more of them").to_release == names[0]
    with pytest.raises(RegistryError, match="no earlier champion"):
        registry.rollback(ID, reason="again")
    champion = registry.champion(ID)
    assert champion is not None
    assert champion.release == names[0]


def test_history_outlives_the_process_that_wrote_it(
    registry: Registry, make: Make, home: str
) -> None:
    first, second = make(1, 4.5).name, make(2, 4.4).name
    registry.promote(ID, first, reason="first", who="ada")
    registry.promote(ID, second, reason="better", who="bob")
    registry.rollback(ID, reason="complaints", who="ada")
    found = [
        (move.who, move.action, move.from_release, move.to_release, move.reason)
        for move in Registry(home).history(ID)
    ]
    assert found == [
        ("ada", "promote", "", first, "first"),
        ("bob", "promote", first, second, "better"),
        ("ada", "rollback", second, first, "complaints"),
    ]


def test_a_move_needs_a_reason(registry: Registry, make: Make) -> None:
    release = make(1)
    with pytest.raises(RegistryError, match="needs a reason"):
        registry.promote(ID, release.name, reason=" ")


def test_an_unknown_release_is_refused_with_the_known_ones(registry: Registry, make: Make) -> None:
    known = make(1)
    with pytest.raises(RegistryError, match=rf"'2020' is registered; known: {known.name}"):
        registry.promote(ID, "2020", reason="typo")


def test_a_damaged_release_is_not_promoted(registry: Registry, make: Make) -> None:
    release = make(1)
    Path(release.uri, "models.parquet").write_bytes(b"other")
    with pytest.raises(ReleaseError, match=r"models\.parquet was altered"):
        registry.promote(ID, release.name, reason="first")
    assert registry.champion(ID) is None
    assert registry.history(ID) == []


def test_a_moved_home_keeps_its_registry(
    registry: Registry, make: Make, home: str, tmp_path: Path
) -> None:
    release = make(1)
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    Path(home).rename(moved)
    (entry,) = Registry(str(moved)).releases(ID)
    assert Release.open(entry.uri).manifest == release.manifest


def test_threads_that_register_and_promote_at_once_lose_nothing(
    registry: Registry, home: str
) -> None:
    releases = [write(home, day, {"points": figures(4.9 - day / 100)}) for day in range(6)]

    def work(release: Release) -> None:
        registry.register(release)
        registry.promote(ID, release.name, reason="race", is_forced=True)

    threads = [threading.Thread(target=work, args=(each,)) for each in releases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_consistent(registry, releases)


def test_processes_that_open_an_absent_registry_at_once_all_register(
    registry: Registry, home: str
) -> None:
    other = f"{home}/other"
    releases = [write(other, day, {"points": figures(4.9 - day / 100)}) for day in range(2)]
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=register_and_promote, args=(other, each.uri)) for each in releases
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert_consistent(Registry(other), releases)


def register_and_promote(home: str, uri: str) -> None:
    registry, release = Registry(home), Release.open(uri)
    registry.register(release)
    registry.promote(ID, release.name, reason="race", is_forced=True)


def assert_consistent(registry: Registry, releases: list[Release]) -> None:
    history = registry.history(ID)
    assert {move.to_release for move in history} == {each.name for each in releases}
    befores = [move.from_release for move in history]
    assert befores == ["", *(move.to_release for move in history[:-1])]
    assert aliases(registry) == {"champion": history[-1].to_release}


def test_different_test_rows_are_compared_by_skill() -> None:
    champion = {"points": figures(4.5, baseline=5.0, tested_on="last year")}
    easier = {"points": figures(4.0, baseline=4.2, tested_on="this year")}
    verdict = judge(easier, champion)
    assert not verdict.is_better  # a lower loss, but skill 4.76 % against 10 %
    assert "tested on different rows, so by skill: 4.76 % " in verdict.text
    harder = {"points": figures(5.0, baseline=6.0, tested_on="this year")}
    assert judge(harder, champion).is_better


def test_more_is_better_where_the_metric_says_so() -> None:
    auc = Figures("auc", 9, "rows", {"auc": 0.8}, {"auc": 0.7}, {"auc": 0.5})
    better = replace(auc, ours={"auc": 0.9})
    assert judge({"won": better}, {"won": auc}).is_better
    assert not judge({"won": auc}, {"won": better}).is_better


def test_the_mean_gain_over_the_champions_targets_decides() -> None:
    champion = {"points": figures(4.0), "steals": figures(1.0)}
    assert judge({"points": figures(3.0), "steals": figures(1.1)}, champion).is_better
    assert not judge({"points": figures(3.9), "steals": figures(1.1)}, champion).is_better


def test_a_release_that_answers_fewer_targets_is_refused() -> None:
    champion = {"points": figures(4.0), "steals": figures(1.0)}
    verdict = judge({"points": figures(1.0)}, champion)
    assert not verdict.is_better
    assert "steals" in verdict.text


def test_the_same_figures_are_no_reason_to_move() -> None:
    assert not judge({"points": figures(4.0)}, {"points": figures(4.0)}).is_better


def test_a_home_on_s3_keeps_its_embedded_registry_in_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    place = find_place("s3://bucket/home")
    assert place.folder.startswith(f"{tmp_path}/tracer/registry/")
    assert place == find_place("s3://bucket/home") != find_place("s3://bucket/other")
    assert "event=registry_is_local home=s3://bucket/home" in caplog.text


def test_a_tracking_uri_wins_over_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert find_place("home").tracking_uri == "http://127.0.0.1:5000"


def test_replicas_are_pointed_to_what_was_promoted_and_rolled_back_to(
    home: str, registry: Registry, make: Make
) -> None:
    first, second = make(1, 4.5), make(2, 4.4)
    registry.promote(ID, first.name, reason="first")
    assert read_pointer(home, ID) == Pointer(ID, first.name, first.uri, 1)
    registry.promote(ID, second.name, reason="better")
    assert read_pointer(home, ID) == Pointer(ID, second.name, second.uri, 2)
    registry.rollback(ID, reason="not so good")
    assert read_pointer(home, ID) == Pointer(ID, first.name, first.uri, 1)


def test_a_lost_pointer_comes_back_with_the_next_promotion(
    home: str, registry: Registry, make: Make
) -> None:
    release = make(1)
    registry.promote(ID, release.name, reason="first")
    Path(home, "champions", f"{ID}.json").unlink()
    with pytest.raises(RegistryError, match="told again"):
        registry.promote(ID, release.name, reason="again")
    assert read_pointer(home, ID) == Pointer(ID, release.name, release.uri, 1)
