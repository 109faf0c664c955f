"""Outcomes that are rows of another file: who stands in `returns.csv` has returned something.

Somebody has to say so (`--map "returned=in returns.csv"`, or `not in`), as only a whole list of
those who have done something tells of all others that they have not.
"""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pyarrow as pa

from tracer_ray.data.date_orders import are_dates
from tracer_ray.data.lookup_search import ANYBODYS, Table, keys_of, table_of, whole_tables
from tracer_ray.data.sources import SourceFile
from tracer_ray.errors import SchemaError

YES, NO = "yes", "no"
_SAID = re.compile(r"(?P<denied>not )?in (?P<file>\S.*)")
_KEPT = 2
_IDS = ("id", "number", "no", "nr", "key", "code")


@dataclass(frozen=True)
class Said:
    """That a column is whether a row's key stands in a file, or that it does not."""

    file: str
    is_denied: bool

    @property
    def made(self) -> str:
        """The name of the column, by which somebody says so.

        >>> Said("orders.csv", is_denied=True).made
        'not in orders.csv'
        """
        return f"{'not ' if self.is_denied else ''}in {self.file}"

    def values(self, keys: Sequence[str], known: frozenset[str]) -> pa.Array:
        """What the column says of keys; null for a row without one.

        >>> said = said_of(["not in orders.csv"])
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


def said_of(names: Iterable[str]) -> Said | None:
    """The first of raw names that says who stands in a file; None where none does.

    >>> said_of(["Price", "in returns.csv"])
    Said(file='returns.csv', is_denied=False)
    >>> said_of(["Returned?"])
    """
    found = filter(None, map(_SAID.fullmatch, names))
    return next((Said(each["file"], bool(each["denied"])) for each in found), None)


def with_presence(
    files: Sequence[SourceFile], told: Iterable[str], known: Iterable[str] = ()
) -> tuple[SourceFile, ...]:
    """The files of rows with the column that a raw name says, without the file that it names.

    What somebody has `told` must be so; a name that is merely `known`, as a release's own, is
    passed over where its file is not there. Raises SchemaError where the file is not there, or
    several are, or none of the others shares a key with it.
    """
    given = {name for file in files for name in file.columns}
    told = [name for name in told if name not in given]
    said = said_of([*told, *(name for name in known if name not in given)])
    named = [each for each in files if said and _name_of(each) == said.file and not each.is_empty]
    if said is None or not (named or said.made in told):
        return tuple(files)
    refuse_unclear(said, [_name_of(each) for each in files if not each.is_empty])
    other, token = named[0], uuid.uuid4().hex
    kinds = {each.columns: each for each in reversed(files) if each != other and not each.is_empty}
    keys = {columns: shared_key(table_of(each), table_of(other)) for columns, each in kinds.items()}
    if not any(keys.values()):
        raise SchemaError(
            f"{said.made!r}: no other file has a column of the same name that names things, as "
            f"{said.file} has: {', '.join(other.columns)}"
        )
    return tuple(
        _saying(each, Presence((other,), *key, said, token))
        if (key := keys.get(each.columns))
        else each
        for each in files
        if each != other
    )


def refuse_unclear(said: Said, names: Sequence[str]) -> None:
    """Raise SchemaError where none of the data is called as it is said, or several are."""
    called = names.count(said.file)
    if not called:
        shown = ", ".join(dict.fromkeys(names))
        raise SchemaError(f"{said.made!r}: no file {said.file!r} is among the data ({shown})")
    if called > 1:
        raise SchemaError(f"{said.made!r}: {called} files are called {said.file!r}; name one")


def shared_key(rows: Table, other: Table, least_met: float = 0.0) -> tuple[str, str] | None:
    """The columns by which two tables name the same things, in each; None where none do.

    Of several it is one that is called an id, and of these the one that tells the most rows apart:
    the items of a refund, and not their order. Of the keys in their first rows at least the share
    `least_met` must be in both; where none is asked for, ids are taken although none is.
    """
    best, key = (False, False, 0), None
    for folded in sorted(rows.folded.keys() & other.folded.keys() - set(ANYBODYS)):
        mine, theirs = rows.folded[folded], other.folded[folded]
        keys, known = set(_keys_in(rows, mine)), set(_keys_in(other, theirs))
        met, is_id = len(keys & known), folded.endswith(_IDS)
        is_enough = met >= least_met * min(len(keys), len(known)) and (met or is_id)
        if keys and known and is_enough and (met > 0, is_id, len(keys)) > best:
            best, key = (met > 0, is_id, len(keys)), (mine, theirs)
    return key


def _keys_in(table: Table, name: str) -> tuple[str, ...]:
    """The keys among the first rows; none for dates."""
    return () if are_dates(table.first_rows(name)) else table.keys(name)


def _name_of(file: SourceFile) -> str:
    return file.uri.rpartition("/")[2]


def _saying(file: SourceFile, presence: Presence) -> SourceFile:
    columns = (*file.columns, *presence.columns)
    return replace(file, columns=columns, lookups=(*file.lookups, presence))


@lru_cache(maxsize=_KEPT)
def _keys(presence: Presence) -> frozenset[str]:
    tables = whole_tables(presence.files, (presence.their_key,))
    found = {key for table in tables for key in keys_of(table[presence.their_key])}
    return frozenset(found - {""})
