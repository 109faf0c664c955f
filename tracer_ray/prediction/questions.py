"""Questions: requests checked against what a release knows, each with the past it may read."""

from dataclasses import dataclass

from tracer_ray.blueprint import Role
from tracer_ray.data.times import moment_text
from tracer_ray.errors import RequestError, UnknownEntityError
from tracer_ray.feature_program.program import FeatureProgram
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.periods import Period
from tracer_ray.prediction.loaded_release import LoadedRelease
from tracer_ray.prediction.next_rows import NextRows
from tracer_ray.prediction.recent import Past, moved, read_recent
from tracer_ray.prediction.requests import Controls, Reading
from tracer_ray.rows import MICROSECONDS_PER_DAY, Rows


@dataclass(frozen=True)
class Question:
    """One request as it was understood.

    `names` are its owner and, where two sides meet, the opponent; `row` is the request's own id.
    `state` is what its features read; `known_until` the instant of the newest row known of its
    names, None where there is none.
    """

    position: int
    names: tuple[str, ...]
    row: str | None
    target: str
    controls: Controls
    state: FeatureState
    known_until: int | None

    def as_of(self, time: int, data_until: int, period: Period) -> int:
        """The instant that the row of this question, at `time`, is seen from periods ahead."""
        known = max(data_until, self.known_until or 0)
        return min(period.begin(known, after=1), period.begin(time))

    @property
    def owner(self) -> str:
        """Whose model answers."""
        return self.names[0]


def understand(
    loaded: LoadedRelease, read: Reading, rows: NextRows
) -> tuple[dict[int, Question], dict[int, RequestError]]:
    """The questions that can be answered, by their row, and the others' errors by position.

    Unknown is who is in no row of the release and of the request; a question about a time that is
    no later than what is known of its names would see its own future, and is refused.
    """
    questions: dict[int, Question] = {}
    errors: dict[int, RequestError] = {}
    ids, names = _row_ids(loaded, read), rows.names
    for place, position in enumerate(read.positions):
        controls = read.controls[place]
        try:
            target = loaded.target(controls.target).target
            recent = _recent(loaded, controls, names[place][0])
            question = Question(
                position,
                names[place],
                ids[place],
                target,
                controls,
                _state(loaded, recent),
                _known_until(loaded, recent, names[place]),
            )
            _refuse_unknown(loaded, question, recent)
            _refuse_past(loaded, question, int(rows.times[place]))
            _refuse_far(loaded, question, int(rows.times[place]))
            questions[place] = question
        except RequestError as error:
            errors[position] = error
    return questions, errors


def _labels(loaded: LoadedRelease, question: Question) -> str:
    known = loaded.owners
    return " and ".join(known[n].label if n in known else n for n in question.names)


def _reads_past(program: FeatureProgram) -> bool:
    return bool(len(program.owners.positions) or program.by or program.within or program.elo)


def _row_ids(loaded: LoadedRelease, read: Reading) -> list[str | None]:
    row = loaded.blueprint.role(Role.ROW)
    if row is None:
        return [None] * len(read.positions)
    ids: list[str | None] = read.table[row.name].to_pylist()
    return ids


def _recent(loaded: LoadedRelease, controls: Controls, owner: str) -> Rows | None:
    return read_recent(loaded.reader, controls.recent, owner) if controls.recent else None


def _state(loaded: LoadedRelease, recent: Rows | None) -> FeatureState:
    if recent is None or not len(recent):
        return loaded.state
    past = Past(loaded.program, loaded.state, loaded.vocabulary)
    return moved(past, recent)


def _known_until(loaded: LoadedRelease, recent: Rows | None, names: tuple[str, ...]) -> int | None:
    known = [loaded.known_until[name] for name in names if name in loaded.known_until]
    if recent is not None:
        newest = dict(
            zip(
                recent.entities.tolist(), recent.times[recent.offsets[1:] - 1].tolist(), strict=True
            )
        )
        known += [newest[name] for name in names if name in newest]
    return max(known, default=None)


def _refuse_unknown(loaded: LoadedRelease, question: Question, recent: Rows | None) -> None:
    entity = loaded.blueprint.entity
    given = set() if recent is None else set(recent.entities.tolist())
    known = (loaded.owners, loaded.known_until, given)
    if entity is None or any(any(name in each for each in known) for name in question.names):
        return
    asked = " or ".join(repr(name[:60]) for name in question.names)
    hint = loaded.similar(question.owner)
    tip = f"closest are {', '.join(hint)}" if hint else "give rows of it as 'recent'"
    raise UnknownEntityError(f"nothing is known of {entity.name} {asked}; {tip}")


def _refuse_far(loaded: LoadedRelease, question: Question, time: int) -> None:
    steps, until = loaded.blueprint.horizon_steps, loaded.data_until
    column, period = loaded.blueprint.time, loaded.blueprint.period
    if not steps or until is None or column is None:
        return
    start = question.as_of(time, until, period)
    if time >= period.begin(start, after=steps):
        last = moment_text(period.begin(start, after=steps - 1))[:10]
        raise RequestError(
            f"field {column.name!r}: {moment_text(time)[:10]} is more than {steps} {period}s "
            f"ahead; the last {period} that can be forecast is {last}"
        )


def _refuse_past(loaded: LoadedRelease, question: Question, time: int) -> None:
    column = loaded.blueprint.time
    if column is None or not _reads_past(loaded.program):
        return
    known = question.known_until
    if known is not None and time <= known:
        raise RequestError(
            f"field {column.name!r}: {moment_text(time)} is not after {moment_text(known)}, the "
            f"newest row known of {_labels(loaded, question)}; ask for a later time"
        )
    until = loaded.data_until
    if loaded.program.by and until is not None and time < until - until % MICROSECONDS_PER_DAY:
        raise RequestError(
            f"field {column.name!r}: {moment_text(time)} is before {moment_text(until)}, until "
            "when the release knows everybody's rows; ask for a later time"
        )
