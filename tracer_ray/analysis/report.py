"""The analysis of one or several data sets: profiles, suggestions, and joins between them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape

import pyarrow as pa

from tracer_ray.analysis.joins import Join, find_joins
from tracer_ray.analysis.judging import NOTHING_TOLD, Archive
from tracer_ray.analysis.limits import with_limit
from tracer_ray.analysis.looked_up import with_looked_up
from tracer_ray.analysis.presence import suggest_presence
from tracer_ray.analysis.profile import Profile, profile
from tracer_ray.analysis.related import as_related
from tracer_ray.analysis.row_counts import suggest_row_counts
from tracer_ray.analysis.samples import Sample
from tracer_ray.analysis.side_by_side import suggest_side_by_side
from tracer_ray.analysis.silence import suggest_silence
from tracer_ray.analysis.spacing import with_period
from tracer_ray.analysis.suggestion import FITS_WELL, Suggestion
from tracer_ray.archive import blueprints, variants
from tracer_ray.blueprint import Blueprint
from tracer_ray.errors import SchemaError

LEAST_SCORE = 0.1
MOST_SHOWN = 5


@dataclass(frozen=True)
class Analysis:
    """What the data is and what it can predict; `suggestions` are sorted, the best first."""

    profiles: tuple[Profile, ...]
    suggestions: tuple[Suggestion, ...]
    joins: tuple[Join, ...]

    @property
    def best(self) -> Suggestion | None:
        """The best suggestion that fits well; None where no blueprint does."""
        first = self.suggestions[0] if self.suggestions else None
        return first if first and first.score >= FITS_WELL else None

    @property
    def verdict(self) -> str:
        """The outcome in one sentence."""
        if self.best:
            return f"{self.best.name} fits best ({self.best.score:.2f})"
        return "no blueprint fits well; see what the nearest ones miss"

    def to_json(self) -> dict[str, object]:
        """Everything, for machines."""
        return {
            "verdict": self.verdict,
            "data": [each.to_json() for each in self.profiles],
            "suggestions": [each.to_json() for each in self.suggestions],
            "joins": [asdict(each) for each in self.joins],
        }

    def summary(self) -> list[dict[str, object]]:
        """A row per suggestion, for a table."""
        return [
            {
                "blueprint": each.name,
                "data": each.data,
                "score": f"{each.score:.2f}",
                "because": each.reason,
                "missing or doubtful": obstacles(each),
            }
            for each in self.suggestions
        ]

    def __str__(self) -> str:
        """The verdict and a line per suggestion."""
        lines = [f"  {each.score:.2f}  {each.name}: {each.reason}" for each in self.suggestions]
        return "\n".join([self.verdict, *lines])

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        head = "".join(f"<th>{name}</th>" for name in self.summary()[0]) if self.suggestions else ""
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row.values()) + "</tr>"
            for row in self.summary()
        )
        return f"<p>{escape(self.verdict)}</p><table><tr>{head}</tr>{rows}</table>"


def analyze_samples(samples: Sequence[Sample], told: Mapping[str, str] = NOTHING_TOLD) -> Analysis:
    """Profile each data set and judge every blueprint against it.

    `told` is what the user says: the raw name by the blueprint's column. Raises SchemaError where
    a column holds bytes that are no text.
    """
    archive, samples = Archive(blueprints()), as_related(samples, told)
    profiles = tuple(map(_profile, samples))
    judged = [
        archive.suggest(_fitted(blueprint, each, told), each, sample.table, told)
        for each, sample in zip(profiles, samples, strict=True)
        for blueprint in archive.blueprints
    ]
    judged = with_looked_up(archive, judged, samples, told)
    sets = tuple(zip(profiles, samples, strict=True))
    judged += suggest_presence(archive, judged, sets, told)
    judged += [
        count for each, sample in sets for count in suggest_row_counts(archive, each, sample, told)
    ]
    judged += [
        log
        for each, sample in sets
        for log in suggest_silence(archive, variants(), each, sample.table, told)
    ]
    judged += [
        wide
        for each, sample in sets
        for wide in suggest_side_by_side(archive, variants(), each, sample, told)
    ]
    kept = [each for each in judged if each.score >= LEAST_SCORE]
    ordered = _each_once(sorted(kept, key=lambda each: (-each.score, each.blueprint)))
    joins = find_joins(profiles, [sample.table for sample in samples])
    return Analysis(profiles, tuple(ordered[: MOST_SHOWN * len(samples)]), joins)


def _each_once(ordered: Sequence[Suggestion]) -> list[Suggestion]:
    """The best way to read a data set for a blueprint and its settings, where there are several."""
    best: dict[tuple[str, str], Suggestion] = {}
    for each in ordered:
        best.setdefault((each.name, each.data), each)
    return list(best.values())


def _fitted(blueprint: Blueprint, known: Profile, told: Mapping[str, str]) -> Blueprint:
    """The variant that the data set is for."""
    return with_period(with_limit(blueprint, variants(), known, told), known, told)


def _profile(sample: Sample) -> Profile:
    try:
        return profile(sample)
    except pa.ArrowException as error:
        raise SchemaError(f"{sample.name}: a column can't be read: {error}") from error


def obstacles(suggestion: Suggestion) -> str:
    """What stands between the data and a model, in words; "" where nothing does."""
    asked = [
        f"which column is {name}? {' or '.join(map(repr, options))}"
        for name, options in suggestion.ask
    ]
    missing = [f"missing: {each}" for each in suggestion.missing]
    return "; ".join([*missing, *asked, *suggestion.problems])
