"""Challengers: who may become one, whom they answer, and that replicas take them up and let go."""

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.served import Served, client_of
from tests.twin_releases import as_of, damage, twin
from tracer_ray.cli import main
from tracer_ray.errors import RegistryError
from tracer_ray.experiments.slots import slot_of
from tracer_ray.registry.challengers import start_shadow, start_test, stop_tests
from tracer_ray.registry.pointers import read_pointer
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.release import Release
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.routing import Keys

ID = "customer_churn"


@pytest.fixture
def twins(home: str) -> list[Release]:
    """Two registered releases beside the champion."""
    registry, releases = Registry(home), [twin(home, ID, number) for number in (1, 2)]
    for release in releases:
        registry.register(release)
    return releases


@pytest.fixture
def champions(home: str, twins: list[Release]) -> Champions:
    champions = Champions(home, (ID,))
    champions.load()
    return champions


def _ask(champions: Champions, rows: list[dict[str, object]], key: str = "") -> list[str]:
    """The releases that answer some rows in one batch; each says what only it knows."""

    async def ask() -> httpx.Response:
        headers = {"X-Routing-Key": key} if key else {}
        async with client_of(Served(champions)) as client:
            path = f"/predict/{ID}"
            if len(rows) == 1:
                return await client.post(path, json=rows[0], headers=headers)
            return await client.post(f"{path}/batch", json={"rows": rows}, headers=headers)

    reply = asyncio.run(ask()).raise_for_status().json()
    told = reply.get("rows", [reply])
    champion = champions.predictor(ID)
    assert champion is not None
    for each in told:
        is_champion = each["release"] == champion.name
        assert each["variant"] == ("champion" if is_champion else "challenger")
        assert is_champion or each["as_of"] == as_of(each["release"])
    return [each["release"] for each in told]


def _rows(number: int) -> list[dict[str, object]]:
    return [{"customer_id": f"c{each}", "tenure_months": each % 40} for each in range(number)]


def test_a_challenger_answers_its_share_and_always_the_same_keys(
    home: str, champions: Champions
) -> None:
    rows = _rows(1000)
    assert len(set(_ask(champions, rows))) == 1
    start_test(home, ID, "twin-01", 20)
    champions.look()
    first = _ask(champions, rows)
    # 200 of 1000, within four standard deviations
    assert 150 <= first.count("twin-01") <= 250
    assert _ask(champions, rows[::-1])[::-1] == first
    assert [_ask(champions, [row])[0] for row in rows[:20]] == first[:20]
    start_test(home, ID, "twin-02", 30)
    champions.look()
    second = _ask(champions, rows)
    assert {name for name, before in zip(second, first, strict=True) if before == "twin-01"} == {
        "twin-01"
    }
    start_test(home, ID, "twin-01", 5)
    champions.look()
    third = _ask(champions, rows)
    assert all(
        now == before for now, before in zip(third, second, strict=True) if before != "twin-01"
    )
    assert 0 < third.count("twin-01") < first.count("twin-01")


def test_the_clients_own_key_decides_for_all_its_rows(home: str, champions: Champions) -> None:
    start_test(home, ID, "twin-01", 50)
    champions.look()
    pointer = read_pointer(home, ID)
    assert pointer is not None
    (start, stop), *_ = pointer.challengers[0].spans
    keys = {start <= slot_of(ID, str(key)) < stop: str(key) for key in range(50)}
    assert set(_ask(champions, _rows(30), keys[True])) == {"twin-01"}
    assert set(_ask(champions, _rows(30), keys[False])) == {pointer.release}


def test_a_key_is_the_entity_however_it_is_named(promoted_home: str) -> None:
    champions = Champions(promoted_home)
    champions.load()
    props, match = champions.predictor("player_props"), champions.predictor("match_outcome")
    churn = champions.predictor(ID)
    assert props is not None
    assert match is not None
    assert churn is not None
    player = next(iter(props.owners.values()))
    named: list[dict[str, object]] = [
        {"player": player.owner, "stat": "points", "line": 9.5},
        {"Player ID": int(player.owner), "stat": "rebounds"},
        {"player": float(player.owner)},
        {"player_name": player.label.upper()},
    ]
    assert {Keys(props).of(each) for each in named} == {player.owner}
    teams = Keys(match)
    assert teams.of({"team_a": "Team 01", "team_b": "Team 02"}) == teams.of(
        {"home_team": "Team 02", "away_team": "Team 01", "date": "2030-01-01"}
    )
    rows = Keys(churn)
    assert rows.of({"customer_id": 7, "tenure_months": 1}) == rows.of({"cust_id": "7"})
    assert rows.of({"tenure_months": 1, "plan": "a"}) == rows.of({"plan": "a", "tenure_months": 1})
    assert rows.of({"tenure_months": 1}) != rows.of({"tenure_months": 2})


def test_a_promotion_of_the_challenger_ends_the_test_and_loads_nothing_anew(
    home: str, champions: Champions
) -> None:
    start_test(home, ID, "twin-01", 10)
    champions.look()
    state = champions.held[ID].to_json()["challengers"]
    assert isinstance(state, list)
    assert (state[0]["release"], state[0]["share"], state[0]["refused"]) == ("twin-01", 10.0, None)
    rival = champions.held[ID].rivals[0].predictor
    Registry(home).promote(ID, "twin-01", reason="it won", is_forced=True)
    champions.look()
    assert champions.predictor(ID) is rival
    assert champions.held[ID].to_json()["challengers"] == []
    assert set(_ask(champions, _rows(40))) == {"twin-01"}


def test_a_damaged_challenger_is_refused_and_the_champion_keeps_its_share(
    home: str, champions: Champions, twins: list[Release]
) -> None:
    before = champions.predictor(ID)
    start_test(home, ID, "twin-01", 50)
    damage(twins[0])
    champions.look()
    assert champions.predictor(ID) is before
    refused = champions.held[ID].rivals[0].refused
    assert refused is not None
    assert "models.parquet was altered" in refused.reason
    assert set(_ask(champions, _rows(40))) == {before.name if before else ""}
    looked = champions.held
    champions.look()
    assert champions.held is looked


def test_a_challenger_that_is_missing_for_a_while_is_taken_once_it_is_there(
    home: str, champions: Champions, twins: list[Release]
) -> None:
    start_test(home, ID, "twin-01", 50)
    models, hidden = Path(twins[0].uri, "models.parquet"), Path(home, "hidden")
    models.rename(hidden)
    models.mkdir()  # the storage fails, and not because nothing is there
    champions.look()
    assert champions.held[ID].rivals[0].predictor is None
    models.rmdir()
    hidden.rename(models)
    champions.look()
    assert set(_ask(champions, _rows(40))) > {"twin-01"}


@pytest.mark.parametrize(
    ("release", "share", "expected"),
    [
        ("twin-01", 0, "share 0: expected a percentage from 0.01 to 99"),
        ("twin-01", 150, "share 150: expected a percentage from 0.01 to 99"),
        ("twin-01", float("nan"), "share nan: expected"),
        ("twin-01", 60, "share 60: expected at most 49, because others have theirs: twin-02 50 %"),
        ("twin-09", 10, "no release 'twin-09'; there is twin-02"),
        ("champion", 10, "is the champion; expected another release"),
    ],
)
def test_what_cannot_be_tested_is_refused_with_the_reason(
    home: str, twins: list[Release], release: str, share: float, expected: str
) -> None:
    start_test(home, ID, "twin-02", 50)
    before = read_pointer(home, ID)
    with pytest.raises(RegistryError, match=expected):
        start_test(home, ID, release, share)
    assert read_pointer(home, ID) == before


def test_a_release_of_another_blueprint_or_without_a_champion_is_refused(home: str) -> None:
    other = read_pointer(home, "player_props")
    assert other is not None
    with pytest.raises(RegistryError, match=f"{ID}: no release '{other.release}'; there is"):
        start_shadow(home, ID, other.release)
    with pytest.raises(RegistryError, match="cart_abandonment: no release is promoted"):
        start_shadow(home, "cart_abandonment", "latest")
    with pytest.raises(RegistryError, match=f"{ID}: no challenger to stop; there is none"):
        stop_tests(home, ID)


def test_the_commands_start_show_and_stop_tests(
    home: str, twins: list[Release], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ab", "start", ID, "twin-01", "--share", "12.5", "--home", home]) == 0
    assert "twin-01 answers 12.5 %" in capsys.readouterr().out
    assert main(["ab", "shadow", ID, "twin-02", "--home", home]) == 0
    assert main(["ab", "status", ID, "--home", home]) == 0
    shown = capsys.readouterr().out
    assert "87.5" in shown
    assert "twin-02" in shown
    assert main(["ab", "stop", ID, "twin-02", "--home", home, "--json"]) == 0
    assert '"is_shadow": true' in capsys.readouterr().out
    pointer = read_pointer(home, ID)
    assert pointer is not None
    assert [each.release for each in pointer.challengers] == ["twin-01"]
    assert main(["ab", "start", ID, "twin-01", "--share", "0", "--home", home]) == 2
    assert "share 0: expected a percentage" in capsys.readouterr().err
