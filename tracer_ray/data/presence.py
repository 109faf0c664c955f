"""Outcomes that are rows of another file: who stands in `returns.csv` has returned something.

Somebody has to say so (`--map "returned=in returns.csv"`, or `not in`), as only a whole list of
those who have done something tells of all others that they have not.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pyarrow as pa

from tracer_ray.blueprint import Kind
from tracer_ray.data.lookup_search import ANYBODYS, LEAST_MET, Table, keys_of
from tracer_ray.data.sources import Part, SourceFile, first_rows, read_part
from tracer_ray.data.values import parse
from tracer_ray.errors import SchemaError

YES, NO = "yes", "no"
_SAID = re.compile(r"(?P<denied>not )?in (?P<file>\S.*)")
_KEPT = 2


@dataclass(frozen=True)
class Said:
    """That a column is whether a row's key stands in a file, or that it does not."""

    made: str
    file: str
    is_denied: bool

    def values(self, keys: Sequence[str], known: frozenset[str]) -> pa.Array:
        """What the column says of keys; null for a row without one.

        >>> said = said_of({"abandoned": "not in orders.csv"})
        >>> said.values(["a", "b", ""], frozenset("a")).to_pylist() if said else None
        ['no', 'yes', None]
        """
        here, absent = (NO, YES) if self.is_denied else (YES, NO)
        return pa.array(
            [(here if key in known else absent) if key else None for key in keys], pa.string()
        )


@dataclass(frozen=True)
class Presence:
    """A column of rows that says whether their `key` is among the keys of other files.

    Those of one ingest have a `token` of its own: files that have changed since are read again.
    """

    files: tuple[SourceFile, ...]
    key: str
    their_key: str
    said: Said
    token: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is made."""
        return (self.said.made,)

    @property
    def note(self) -> str:
        """What is told by what, in words."""
        return f"{self.said.made!r} as a column, by {self.their_key}"

    def join(self, table: pa.Table) -> pa.Table:
        """The rows with that column. All keys of `files` are held in this process."""
        made = self.said.values(keys_of(table[self.key]), _keys(self))
        return table.append_column(self.said.made, made)


def said_of(mapping: Mapping[str, str]) -> Said | None:
    """The first raw name in a mapping that says who stands in a file; None where none does.

    >>> said_of({"returned": "in returns.csv", "price": "Price"})
    Said(made='in returns.csv', file='returns.csv', is_denied=False)
    >>> said_of({"returned": "Returned?"})
    """
    found = ((raw, _SAID.fullmatch(raw)) for raw in mapping.values())
    return next((Said(raw, it["file"], bool(it["denied"])) for raw, it in found if it), None)


def saying(file: str, is_denied: bool) -> str:
    """How somebody says that an outcome is whether a key stands in a file.

    >>> saying("orders.csv", is_denied=True)
    'not in orders.csv'
    """
    return f"{'not ' if is_denied else ''}in {file}"


def with_presence(
    files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> tuple[SourceFile, ...]:
    """The files of rows with the column that a mapping says, without the file that it names.

    Raises SchemaError where that file is not there, or no other shares a key with it.
    """
    said = said_of(mapping)
    if said is None or any(said.made in file.columns for file in files):
        return tuple(files)
    named = [each for each in files if each.uri.rpartition("/")[2] == said.file]
    others = [each for each in files if each not in named and not each.is_empty]
    if not named or named[0].is_empty:
        shown = ", ".join(each.uri.rpartition("/")[2] for each in files)
        raise SchemaError(f"{said.made!r}: no file {said.file!r} is among the data ({shown})")
    token, theirs = uuid.uuid4().hex, _table(named[0])
    found = {each.columns: shared_key(_table(each), theirs) for each in others}
    if not any(found.values()):
        raise SchemaError(
            f"{said.made!r}: no other file has a column of the same name and with the same keys as "
            f"{said.file}, which has {', '.join(theirs.columns)}"
        )
    return tuple(
        replace(
            file,
            columns=(*file.columns, said.made),
            lookup=Presence(tuple(named), *key, said, token),
        )
        if (key := found.get(file.columns))
        else file
        for file in files
        if file not in named
    )


def shared_key(rows: Table, other: Table) -> tuple[str, str] | None:
    """The columns by which two tables name the same things, in each; None where none do.

    Of several it is the one that tells the most rows apart: the items of a refund, and not their
    order.
    """
    best, most = None, 0
    for folded, mine in rows.folded.items():
        theirs = other.folded.get(folded)
        if theirs is None or folded in ANYBODYS or _is_time(rows, mine):
            continue
        keys, known = set(rows.keys(mine)), set(other.keys(theirs))
        met = len(keys & known)
        if met >= LEAST_MET * min(len(keys), len(known)) > 0 and len(keys) > most:
            best, most = (mine, theirs), len(keys)
    return best


def _is_time(table: Table, name: str) -> bool:
    values = table.first_rows(name)  # a long number may be an id as well as an instant
    is_dated = not parse(values, Kind.TIME).is_bad.any()
    return is_dated and bool(parse(values, Kind.NUMBER).is_bad.any())


def _table(file: SourceFile) -> Table:
    return Table(file.columns, lambda name: first_rows(file, (name,))[name], {})


@lru_cache(maxsize=_KEPT)
def _keys(presence: Presence) -> frozenset[str]:
    found: set[str] = set()
    for file in presence.files:
        for chunk in read_part(Part.whole(file), (presence.their_key,)):
            found.update(keys_of(chunk.table[presence.their_key]))
    return frozenset(found - {""})
