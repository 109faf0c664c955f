"""Which part may import which: `blueprints -> tracer_ray (pure) <- engine <- jobs, serve_apps`."""

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tracer_ray.archive import blueprints

ROOT = Path(__file__).parents[1]
PACKAGES = ("tracer_ray", "blueprints", "jobs", "serve_apps")
WITH_RAY = ("tracer_ray.engine", "jobs", "serve_apps")
FRONT_DOORS = ("tracer_ray.cli", "tracer_ray.demo", "tracer_ray.notebook")
NAMING_BLUEPRINTS = ("tracer_ray.synthetic", "tracer_ray.demo")
HEAVY = ("ray", "mlflow", "lightgbm", "xgboost", "sklearn", "pandas", "plotly", "numba", "shap")


@dataclass(frozen=True)
class Import:
    """One imported module, as seen from the module that imports it."""

    importer: str
    imported: str
    line: int
    is_in_function: bool = False

    def __str__(self) -> str:
        """The import as a person would look for it."""
        return f"{self.importer}, line {self.line}: imports {self.imported}"


@cache
def trees() -> dict[str, ast.Module]:
    """The syntax tree of every module of ours, by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


@cache
def imports() -> tuple[Import, ...]:
    """Every import of every module of ours, wherever it stands."""
    return tuple(
        found for name, tree in trees().items() for found in _imports_in(name, tree, False)
    )


def _imports_in(importer: str, node: ast.AST, is_in_function: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(importer, alias.name, child.lineno, is_in_function)
        elif isinstance(child, ast.ImportFrom):
            for alias in child.names:
                imported = _imported_module(importer, child, alias.name)
                yield Import(importer, imported, child.lineno, is_in_function)
        else:
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports_in(importer, child, is_in_function or is_function)


def _imported_module(importer: str, statement: ast.ImportFrom, name: str) -> str:
    """The module behind `from x import name`: x.name where that is a module of ours, else x."""
    base = statement.module or ""
    if statement.level:
        path = ROOT.joinpath(*importer.split("."))
        package = importer if path.is_dir() else importer.rpartition(".")[0]
        base = importlib.util.resolve_name("." * statement.level + base, package)
    return f"{base}.{name}" if f"{base}.{name}" in trees() else base


def is_within(module: str, packages: Sequence[str]) -> bool:
    """Whether a module is one of the packages or inside one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def is_pure(module: str) -> bool:
    """Whether a module belongs to the part that knows nothing of Ray."""
    return is_within(module, ["tracer_ray"]) and not is_within(module, WITH_RAY)


def test_ray_is_imported_only_by_the_engine_the_jobs_and_the_apps() -> None:
    wrong = [
        str(each)
        for each in imports()
        if is_within(each.imported, ["ray"]) and not is_within(each.importer, WITH_RAY)
    ]
    assert wrong == []


def test_blueprints_need_only_the_words_they_are_written_in() -> None:
    words = (
        "blueprint",
        "series_forecast",
        "series_horizon",
        "decision",
        "features",
        "inactivity",
        "tabular",
    )
    allowed = ["blueprints", *(f"tracer_ray.{word}" for word in words)]
    wrong = [
        str(each)
        for each in imports()
        if is_within(each.importer, ["blueprints"])
        and not is_within(each.imported, allowed)
        and each.imported.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert wrong == []


def test_pure_modules_never_import_the_engine_and_front_doors_only_when_called() -> None:
    wrong = [
        str(each)
        for each in imports()
        if is_within(each.imported, ["tracer_ray.engine"])
        and is_pure(each.importer)
        and not (is_within(each.importer, FRONT_DOORS) and each.is_in_function)
    ]
    assert wrong == []


def test_tracer_ray_never_imports_jobs_apps_or_blueprints() -> None:
    wrong = [
        str(each)
        for each in imports()
        if is_within(each.importer, ["tracer_ray"])
        and is_within(each.imported, ["jobs", "serve_apps", "blueprints"])
    ]
    assert wrong == []


def test_no_module_of_tracer_ray_imports_pandas_or_polars_when_it_is_imported() -> None:
    wrong = [
        str(each)
        for each in imports()
        if is_within(each.importer, ["tracer_ray"])
        and is_within(each.imported, ["pandas", "polars"])
        and not each.is_in_function
    ]
    assert wrong == []


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    """A package counts as one; imports inside functions count too."""
    graph: dict[str, set[str]] = {}
    for each in imports():
        if is_within(each.importer, ["tracer_ray"]) and is_within(each.imported, ["tracer_ray"]):
            graph.setdefault(_part(each.importer), set()).add(_part(each.imported))
    for part, needed in graph.items():
        needed.discard(part)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("a circle of imports: " + " <- ".join(error.args[1]))


def _part(module: str) -> str:
    """The file or package right below tracer_ray."""
    return ".".join(module.split(".")[:2])


def test_no_code_of_tracer_ray_names_a_blueprint() -> None:
    known = {blueprint.id for blueprint in blueprints()}
    wrong = [
        f"{module}, line {node.lineno}: {node.value!r}"
        for module, tree in trees().items()
        if is_within(module, ["tracer_ray"]) and not is_within(module, NAMING_BLUEPRINTS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in known
    ]
    assert wrong == []


def test_importing_tracer_ray_loads_nothing_heavy() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, tracer_ray; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert "tracer_ray" in loaded
    assert sorted(set(loaded) & set(HEAVY)) == []
