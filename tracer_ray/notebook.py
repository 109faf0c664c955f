"""Tracer for Python programs and notebooks: read, analyze, deploy, composite."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

from tracer_ray import storage
from tracer_ray.analysis.report import Analysis, analyze_samples
from tracer_ray.analysis.samples import Sample, sample_files, sample_table
from tracer_ray.archive import blueprint as find
from tracer_ray.composites.combination import Combination
from tracer_ray.composites.draft import Terms, draft
from tracer_ray.composites.labelled import Lesson, read_rows
from tracer_ray.composites.learning import learn_combination
from tracer_ray.composites.model import CompositeModel
from tracer_ray.composites.store import read_composite, write_composite
from tracer_ray.data.decimal_commas import with_decimal_points
from tracer_ray.data.sources import find_files
from tracer_ray.frames import parquet_bytes, to_arrow
from tracer_ray.model import Model
from tracer_ray.prediction.predictor import Predictor


@dataclass(frozen=True)
class Data:
    """Files of one or several data sets, found and not yet read."""

    sources: tuple[str, ...]
    columns: tuple[str, ...]

    def __repr__(self) -> str:
        """Where it is, and how many columns it has."""
        return f"Data({', '.join(self.sources)}: {len(self.columns)} columns)"


def read(*sources: str | os.PathLike[str]) -> Data:
    """Find files, folders, globs or s3:// URIs of Parquet or CSV.

    Raises DataError or StorageMissingError where there is no data.
    """
    names = tuple(os.fspath(source) for source in sources)
    columns = dict.fromkeys(name for file in find_files(names) for name in file.columns)
    return Data(names, tuple(columns))


def analyze(data: object, *more: object) -> Analysis:
    """What data is and which blueprints it fits: paths, `read` data, or tables of any kind."""
    samples: list[Sample] = []
    for number, each in enumerate((data, *more), start=1):
        sources = _sources(each)
        if sources:
            samples += sample_files(sources)
        else:
            table = with_decimal_points(to_arrow(each))
            samples.append(sample_table(table, f"table {number}" if more else "table"))
    return analyze_samples(samples)


def deploy(
    blueprint: str,
    data: object,
    *,
    columns: Mapping[str, str] | None = None,
    drop: Sequence[str] = (),
    targets: Sequence[str] = (),
    budget: str = "small",
    home: str | None = None,
    **settings: object,
) -> Model:
    """Train on data, promote the release if it is better, and return the model.

    `data` is a path, `read` data or a table. `columns` names your column for one of the
    blueprint's where that is doubtful; `drop` leaves columns out; `settings` are values of the
    blueprint's parameters. A bar shows the progress. Raises SchemaError where a column is doubtful
    or missing, BlueprintError for an unknown parameter or value.
    """
    from tracer_ray.engine.deployment import DeployRequest
    from tracer_ray.engine.deployment import deploy as run
    from tracer_ray.engine.progress import show_progress

    definition = find(blueprint, settings)
    place = _home(home)
    with _stored(data, place) as sources:
        request = DeployRequest(
            definition, sources, place, columns or {}, tuple(drop), tuple(targets), budget
        )
        done = run(request, show_progress(is_plain=False))
    predictor = Predictor.open(done.release.uri)
    return Model(predictor, done.is_promoted, done.verdict, done.preparation.notes)


def composite(
    composite_id: str,
    components: Terms | Sequence[str] = (),
    objective: str = "",
    actions: Sequence[Mapping[str, object]] = (),
    margin: float | None = None,
    home: str | None = None,
) -> CompositeModel:
    """A composite that answers: the stored one of that id, or a new one of these components.

    `components` are blueprint ids, with what is said of each (value, period_months, stake) where
    they are a mapping; a composite of the same id is replaced. Raises CompositeError where
    nothing is stored under the id, or what is said contradicts itself.
    """
    place = _home(home)
    if not components:
        return CompositeModel.open(read_composite(place, composite_id), place)
    terms = components if isinstance(components, Mapping) else {each: {} for each in components}
    made = draft(composite_id, terms, objective, actions, margin)
    write_composite(place, made, is_replacing=True)
    return CompositeModel.open(made, place)


def learn_composite(
    composite_id: str,
    data: object,
    target: str,
    *,
    time: str = "",
    horizon_days: float = 0.0,
    home: str | None = None,
) -> Combination:
    """Learn to weigh a stored composite's components from rows, and store that with it.

    `data` (a path, `read` data or a table) has requests to the composite, and in column `target`
    what became of them: yes or no, or an amount. No release may have been fitted to a row; `time`
    names the column of when they are asked about, `horizon_days` says how long an outcome takes.
    Raises CompositeError for fitted rows, too few of them, or fewer than two answering components.
    """
    place, sources = _home(home), _sources(data)
    model = CompositeModel.open(read_composite(place, composite_id), place)
    table = read_rows(sources) if sources else with_decimal_points(to_arrow(data))
    learned = learn_combination(model, table, Lesson(target, time, horizon_days))
    write_composite(place, replace(model.composite, combination=learned), is_replacing=True)
    return learned


def _home(home: str | None) -> str:
    return home or os.environ.get("TRACER_HOME", os.path.join(".", "tracer_home"))


def _sources(data: object) -> tuple[str, ...]:
    """The places of data that lies in files; none of a table in memory."""
    if isinstance(data, Data):
        return data.sources
    return (os.fspath(data),) if isinstance(data, str | os.PathLike) else ()


@contextmanager
def _stored(data: object, home: str) -> Iterator[tuple[str, ...]]:
    """Where workers can read the data; a table is a file below the home while it is needed."""
    sources = _sources(data)
    if sources:
        yield sources
        return
    folder = storage.join(storage.absolute(home), "inputs", uuid4().hex[:12])
    file = storage.join(folder, "table.parquet")
    storage.make_folder(folder)
    storage.write_bytes(file, parquet_bytes(to_arrow(data)))
    try:
        yield (file,)
    finally:
        storage.remove_tree(folder)
