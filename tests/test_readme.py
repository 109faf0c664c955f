"""What the README and the documents say is true: examples run, commands exist, paths exist."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

import tracer_ray
from tracer_ray.cli import COMMANDS, main
from tracer_ray.composites.model import CompositeModel
from tracer_ray.errors import UnknownEntityError
from tracer_ray.serving.composite_api import drafted

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("cluster/*.md")])
CHEAP = ("blueprints", "blueprint", "releases", "predict")  # on a home that has a release
SHOWN_WITHIN_LINES = 30
OPTIONS_OF_HELP = {"--help"}
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
_PATH = re.compile(r"[\w.][\w./-]*(/|\.(py|md|yaml|lock|toml))")


@dataclass(frozen=True)
class Block:
    """A fenced block of a document."""

    document: Path
    language: str
    text: str

    def __str__(self) -> str:
        """The document and the block's first line."""
        return f"{self.document.name}: {self.text.splitlines()[0]}"


def blocks(language: str) -> list[Block]:
    """Every block of that language in every document."""
    return [
        Block(document, language, text)
        for document in DOCUMENTS
        for found, text in _FENCE.findall(document.read_text(encoding="utf-8"))
        if found == language
    ]


def prose(document: Path) -> str:
    """A document without its blocks."""
    return _FENCE.sub("", document.read_text(encoding="utf-8"))


def shell_lines() -> Iterator[list[str]]:
    """Every command of every shell block as words, without comments."""
    for block in blocks("bash"):
        for line in block.text.replace("\\\n", " ").splitlines():
            if words := shlex.split(line, comments=True):
                yield words


def tracer_commands() -> list[list[str]]:
    """Every command shown, as the arguments of `tracer`; a job is the command of its name."""
    commands = [words[1:] for words in shell_lines() if words[0] == "tracer"]
    for words in shell_lines():
        scripts = [word for word in words if word.startswith("jobs/")]
        if scripts:
            start = words.index(scripts[0])
            commands.append([Path(scripts[0]).stem, *words[start + 1 :]])
    return commands


def curl_requests() -> list[tuple[str, dict[str, object]]]:
    """The path and the body of every request that is sent with curl, but for bodies in files."""
    return [
        (words[1].partition(":8000")[2], json.loads(words[words.index("-d") + 1]))
        for words in shell_lines()
        if words[0] == "curl" and "-d" in words and not words[words.index("-d") + 1].startswith("@")
    ]


@cache
def application() -> TyperGroup:
    """The `tracer` command with all that is registered on it."""
    from tracer_ray.cli.app import app

    for module in COMMANDS:
        import_module(f"tracer_ray.cli.{module}")
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def options_of(name: str) -> set[str]:
    """The options of a command, and of the commands below it."""
    found = application().commands[name]
    parts = [found, *found.commands.values()] if isinstance(found, TyperGroup) else [found]
    params = [each for part in parts for each in part.params]
    return {option for each in params for option in (*each.opts, *each.secondary_opts)}


@pytest.mark.parametrize("command", tracer_commands(), ids=" ".join)
def test_every_command_shown_can_be_parsed(command: list[str]) -> None:
    name, *arguments = command
    found = application().commands[name]
    found.make_context(name, list(arguments))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_and_option_named_in_the_text_exists(document: Path) -> None:
    commands = application().commands
    options = {name: options_of(name) for name in commands}
    known = set().union(*options.values(), OPTIONS_OF_HELP)
    for said in _INLINE.findall(prose(document)):
        words = said.split()
        given = [word.partition("=")[0] for word in words if word.startswith("--")]
        if words[0] == "tracer" and len(words) > 1:
            assert words[1] in commands, said
            assert set(given) <= options[words[1]], said
        elif words[0].startswith("--") and document.parent.name != "cluster":
            assert set(given) <= known, said


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_named_exists(document: Path) -> None:
    text = prose(document)
    linked = [document.parent / link for link in _LINK.findall(text) if "://" not in link]
    top = {path.name for path in ROOT.iterdir()}
    named = [each for each in _INLINE.findall(text) if _PATH.fullmatch(each)]
    named = [each for each in named if each.split("/")[0] in top]
    places = [*linked, *(ROOT / each for each in named)]
    assert [str(place) for place in places if not place.exists()] == []


def test_every_file_that_shell_blocks_name_exists() -> None:
    named = {
        word
        for words in shell_lines()
        for word in words
        if word.startswith(("jobs/", "cluster/", "serve_apps/"))
    }
    assert sorted(each for each in named if not (ROOT / each).exists()) == []


def test_every_make_target_shown_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    shown = {words[1] for words in shell_lines() if words[0] == "make"}
    assert shown >= {"demo", "test"}
    assert shown <= targets


def test_the_readme_shows_a_result_early() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:SHOWN_WITHIN_LINES]
    assert any("over_probability" in line for line in lines)


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_every_python_block_runs(
    block: Block,
    promoted_home: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TRACER_HOME", promoted_home)
    monkeypatch.chdir(tmp_path)
    dataset = tracer_ray.load("player_props").release.manifest.origin.dataset_uri
    exec(compile(block.text, str(block.document), "exec"), {"DATASET": dataset})
    assert capsys.readouterr().out


def test_every_cheap_command_shown_succeeds(
    promoted_home: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRACER_HOME", promoted_home)
    cheap = [command for command in tracer_commands() if command[0] in CHEAP]
    assert {command[0] for command in cheap} == set(CHEAP)
    for command in cheap:
        assert main(command) == 0, (command, capsys.readouterr().err)
        assert capsys.readouterr().out


def test_every_request_shown_is_answered_as_the_text_says(promoted_home: str) -> None:
    predictor = tracer_ray.load("player_props", promoted_home)
    single, batch, forecast, composite = curl_requests()
    assert single[0] == "/predict/player_props"
    (answer,) = predictor.answer([single[1]])
    assert isinstance(answer, dict)
    assert answer["recommendation"] in ("OVER", "UNDER", "NO_EDGE")
    assert batch[0] == "/predict/player_props/batch"
    rows = batch[1]["rows"]
    assert isinstance(rows, list)
    first, second = predictor.answer(rows)
    assert isinstance(first, dict)
    assert isinstance(second, UnknownEntityError)
    assert forecast[0] == "/predict/revenue_forecast"
    (whole,) = tracer_ray.load("revenue_forecast", promoted_home).answer([forecast[1]])
    assert isinstance(whole, dict)
    assert {"daily_path", "forecast_30d", "trend_analysis", "seasonality_flag"} <= whole.keys()
    (document,) = (json.loads(block.text) for block in blocks("json"))
    assert composite[0] == f"/composites/{document['id']}/predict"
    asked = CompositeModel.open(drafted(document), promoted_home).predict(composite[1])
    components = asked["components"]
    assert isinstance(components, dict)
    assert components["customer_churn"]["status"] == "answered"
