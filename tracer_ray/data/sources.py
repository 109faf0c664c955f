"""The raw files of a data source, and reading them in parts.

A source is a Parquet or CSV file (also .csv.gz and .tsv), a folder, or a glob, local or on S3.
Folders named `key=value` give a text column `key`. Other files (a README.md), and names that begin
with a dot or an underscore, are no data; a text of another ending is, where it is named itself.
"""

import gzip
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray import storage
from tracer_ray.data.csv_text import USUAL, CsvFormat, format_of, open_csv, told_apart
from tracer_ray.data.date_parts import DateParts, parts_among, with_date
from tracer_ray.data.decimal_commas import columns_with_decimal_commas, with_points
from tracer_ray.data.encodings import REMEDY, UTF_8, shown
from tracer_ray.data.row_counts import ROWS, asks_for_rows, with_row_counts
from tracer_ray.data.stacking import Stack, stacked
from tracer_ray.data.values import is_text
from tracer_ray.errors import DataError, SchemaError, StorageMissingError

if TYPE_CHECKING:
    from tracer_ray.data.lookups import Lookup
    from tracer_ray.data.presence import Presence

ENDINGS = (".parquet", ".csv", ".csv.gz", ".tsv")
TEXT_ENDINGS = (".txt", ".dat", ".data", ".tab")
UNNAMED = "unnamed"
BYTES_PER_CSV_ROW = 100  # a guess; only sizes of work depend on it
_BATCH_ROWS = 65_536
_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class SourceFile:
    """One raw file: its column names (partition keys last), and its rows (a guess for CSV).

    `written` is how the bytes of a CSV file are read; `dates` that stand in several columns are
    read as one; where `rows_count`, a column has 1 for each row; with a `stack`, columns that stand
    side by side in it are read as rows; `lookups` give columns of other files, or say who stands in
    them. `rows` and `columns` count all of them already.
    """

    uri: str
    columns: tuple[str, ...]
    partitions: tuple[tuple[str, str], ...]
    rows: int
    is_empty: bool = False
    written: CsvFormat = USUAL
    dates: tuple[DateParts, ...] = ()
    rows_count: bool = False
    stack: Stack | None = None
    lookups: "tuple[Lookup | Presence, ...]" = ()

    def with_made(self, names: Sequence[str]) -> "SourceFile":
        """The file with a column for each name that lists parts of a date, or asks to count rows.

        These are names as `Year+Month`, and `rows` where no column is called so.
        """
        dates = parts_among(names, self.columns)
        rows_count = asks_for_rows(names, self.columns) and not self.is_empty
        counts = (ROWS,) if rows_count else ()
        columns = (*self.columns, *(each.made for each in dates), *counts)
        return replace(self, columns=columns, dates=dates, rows_count=rows_count)

    @property
    def width(self) -> int:
        """How many rows a raw row is read as."""
        return len(self.stack.names) if self.stack else 1

    @property
    def is_csv(self) -> bool:
        """Whether it is text, compressed or not."""
        return not self.uri.lower().endswith(".parquet")

    @property
    def note(self) -> str:
        """What was guessed of how it is written; "" where nothing was."""
        read_as, made_up = self.written.encoding, self.written.names
        text = "" if read_as == UTF_8 else f"its text is no UTF-8 and was read as {shown(read_as)}"
        named = f"columns of one name are told apart by a number, one without a name is {UNNAMED!r}"
        names = named if made_up else ""
        joined = (f"it has {each.note}" for each in self.lookups)
        said = "; ".join(filter(None, (text, names, *joined)))
        return f"{self.uri}: {said}" if said else ""


@dataclass(frozen=True)
class Part:
    """Rows `start` to `stop` of a file (-1: to its end); `order` is the file's place."""

    file: SourceFile
    order: int
    start: int
    stop: int

    @classmethod
    def whole(cls, file: SourceFile) -> "Part":
        """All rows of a file that stands alone."""
        return cls(file, 0, 0, -1 if file.is_csv else file.rows)


@dataclass(frozen=True)
class Chunk:
    """A piece of a part: the columns asked for, and the position of its first row in the file.

    `broken` are lines of a CSV file that have too many or too few fields.
    """

    table: pa.Table
    first_position: int
    broken: tuple[str, ...] = ()


def find_files(sources: Sequence[str], drop: Sequence[str] = ()) -> tuple[SourceFile, ...]:
    """Every data file of the sources, in their order and by name inside each, described.

    Columns named in `drop` are as if they were not there.

    Raises DataError where a source holds no data file, StorageMissingError where it isn't there.
    """
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for source in sources:
        for uri in _data_files(source):
            found.setdefault(uri, _partitions(uri))
    with ThreadPoolExecutor(max_workers=16) as pool:
        files = tuple(pool.map(_describe, found.keys(), found.values()))
    _refuse_unknown(drop, files)
    return tuple(
        replace(file, columns=tuple(name for name in file.columns if name not in drop))
        for file in files
    )


def _refuse_unknown(drop: Sequence[str], files: Sequence[SourceFile]) -> None:
    present = {name for file in files for name in file.columns}
    unknown = sorted(set(drop) - present)
    if unknown:
        raise SchemaError(f"no file has a column {unknown[0]!r} to drop; check its spelling")


def parts_of(file: SourceFile, order: int, part_rows: int) -> tuple[Part, ...]:
    """Cut a file into parts of about equal work; a CSV file is one part.

    >>> file = SourceFile("games.parquet", ("a",), (), 250)
    >>> [(part.start, part.stop) for part in parts_of(file, 0, 100)]
    [(0, 100), (100, 200), (200, 250)]
    """
    if file.is_csv:
        return (Part(file, order, 0, -1),)
    rows, step = file.rows // file.width, max(part_rows // file.width, 1)
    return tuple(Part(file, order, at, min(at + step, rows)) for at in range(0, rows, step))


def read_part(part: Part, columns: Sequence[str]) -> Iterator[Chunk]:
    """The rows of a part in chunks, CSV values as text; raises SchemaError for a broken file."""
    file = part.file
    own = _before_looking_up(columns, file.lookups)
    unstacked = _before_stacking(own, file.stack)
    raw = _before_making(unstacked, file)
    stored = [name for name in raw if name not in dict(file.partitions)]
    read = _read_csv if file.is_csv else _read_parquet
    try:
        for chunk in read(part, stored):
            table = _with_partitions(chunk.table, file, raw)
            for each in file.dates:
                table = with_date(table, each) if each.made in unstacked else table
            table = with_row_counts(table) if file.rows_count else table
            table = table.select(unstacked) if file.dates or file.rows_count else table
            table = stacked(table, file.stack) if file.stack else table
            for lookup in file.lookups:
                table = lookup.join(table)
            table = table.select(columns) if file.lookups else table
            yield replace(chunk, table=table, first_position=chunk.first_position * file.width)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        hint = f"; {REMEDY}" if "UTF8" in str(error) else ""
        raise SchemaError(f"{file.uri}: can't be read: {error}{hint}") from error


def first_rows(file: SourceFile, columns: Sequence[str]) -> pa.Table:
    """The first rows of a file, by which it is judged; none where it has none."""
    chunk = next(read_part(Part.whole(file), columns), None)
    return chunk.table if chunk else pa.table({name: pa.nulls(0, pa.string()) for name in columns})


def _before_looking_up(
    columns: Sequence[str], lookups: "Sequence[Lookup | Presence]"
) -> Sequence[str]:
    """The columns of the file itself, among them the key by which others are looked up."""
    made = {name for each in lookups for name in each.columns}
    keys = [each.key for each in lookups]
    return list(dict.fromkeys((*(name for name in columns if name not in made), *keys)))


def _before_stacking(columns: Sequence[str], stack: Stack | None) -> Sequence[str]:
    """The raw columns that are needed for columns as they are read."""
    if stack is None:
        return columns
    return [*(name for name in columns if name not in stack.made), *stack.names]


def _before_making(columns: Sequence[str], file: SourceFile) -> Sequence[str]:
    """The raw columns that are needed for columns, for dates made of several, and for no count."""
    made = {each.made: each.names for each in file.dates}
    made |= {ROWS: ()} if file.rows_count else {}
    needed = (name for column in columns for name in made.get(column, (column,)))
    return list(dict.fromkeys(needed))


def _data_files(source: str) -> Iterator[str]:
    wildcard = re.search(r"[*?\[]", source)
    endings: tuple[str, ...] = ENDINGS
    if wildcard:
        base = source[: wildcard.start()].rpartition("/")[0] or "."
        pattern = storage.absolute(source)
        candidates = [uri for uri in storage.list_files(base) if fnmatchcase(uri, pattern)]
    elif storage.is_folder(source):
        candidates = list(storage.list_files(source))
    elif storage.exists(source):
        candidates = [storage.absolute(source)]
        endings = (*ENDINGS, *TEXT_ENDINGS)  # nobody names a text in vain
    else:
        raise StorageMissingError(f"{source}: nothing is there; check the path of the data")
    data = [
        uri for uri in candidates if uri.lower().endswith(endings) and not _is_hidden(uri, source)
    ]
    if not data:
        raise DataError(f"{source}: no data file here; expected files ending in .parquet or .csv")
    yield from data


def _is_hidden(uri: str, source: str) -> bool:
    depth = len(storage.filesystem(source)[1].rstrip("/").split("/"))
    below = storage.filesystem(uri)[1].split("/")[depth:]
    return any(part.startswith((".", "_")) for part in below)


def _partitions(uri: str) -> tuple[tuple[str, str], ...]:
    folders = [part.partition("=") for part in uri.split("/")[:-1]]
    return tuple((key, unquote(value)) for key, equals, value in folders if key and equals)


def _describe(uri: str, partitions: tuple[tuple[str, str], ...]) -> SourceFile:
    if storage.size_bytes(uri) == 0:
        return SourceFile(uri, (), (), 0, is_empty=True)
    file = SourceFile(uri, (), partitions, 0)
    try:
        written = format_of(uri) if file.is_csv else USUAL
        names, rows = _csv_head(uri, written) if file.is_csv else _parquet_head(uri)
    except (pa.ArrowException, UnicodeDecodeError, gzip.BadGzipFile) as error:
        raise SchemaError(f"{uri}: can't be read: {error}; replace or remove the file") from error
    twice = sorted({name for name in names if names.count(name) > 1})
    if file.is_csv and (twice or "" in names):
        names = told_apart([name or UNNAMED for name in names])
        written = replace(written, names=names)
    elif twice:
        raise SchemaError(f"{uri}: two columns are named {twice[0]!r}; rename one of them")
    kept = tuple(pair for pair in partitions if pair[0] not in names)
    columns = (*names, *(key for key, _ in kept))
    return SourceFile(uri, columns, kept, rows, is_empty=rows == 0, written=written)


def _parquet_head(uri: str) -> tuple[tuple[str, ...], int]:
    system, path = storage.filesystem(uri)
    with storage.explained(uri, "read"), system.open_input_file(path) as stream:
        file = pq.ParquetFile(stream)
        return tuple(file.schema_arrow.names), int(file.metadata.num_rows)


def _csv_head(uri: str, written: CsvFormat) -> tuple[tuple[str, ...], int]:
    try:
        with open_csv(uri, written, (), []) as reader:
            names = tuple(reader.schema.names)
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            return (), 0
        raise
    return names, max(storage.size_bytes(uri) // BYTES_PER_CSV_ROW, 1)


def _read_csv(part: Part, columns: Sequence[str]) -> Iterator[Chunk]:
    position = 0
    broken: list[str] = []
    with_commas: frozenset[str] | None = None
    with open_csv(part.file.uri, part.file.written, columns, broken) as reader:
        for batch in reader:
            table = pa.Table.from_batches([batch])
            if with_commas is None:  # the first block tells how the file writes numbers
                with_commas = columns_with_decimal_commas(table)
            yield Chunk(with_points(table, with_commas), position, tuple(broken))
            position += len(batch) + len(broken)
            broken.clear()
    if broken:
        yield Chunk(reader.schema.empty_table(), position, tuple(broken))


def _read_parquet(part: Part, columns: Sequence[str]) -> Iterator[Chunk]:
    system, path = storage.filesystem(part.file.uri)
    with storage.explained(part.file.uri, "read"), system.open_input_file(path) as stream:
        file = pq.ParquetFile(stream)
        with_commas = _parquet_commas(file, columns)
        first = 0
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            begin, end = max(part.start, first), min(part.stop, first + rows)
            if begin < end:
                table = file.read_row_group(group, columns=list(columns), use_threads=False)
                rows_of_part = table.slice(begin - first, end - begin)
                yield Chunk(with_points(rows_of_part, with_commas), begin)
            first += rows


def _parquet_commas(file: pq.ParquetFile, columns: Sequence[str]) -> frozenset[str]:
    """The columns of text with decimal commas, told by the file's first rows whatever the part."""
    schema = file.schema_arrow
    texts = [name for name in columns if is_text(schema.field(name).type)]
    if not texts or not file.metadata.num_rows:
        return frozenset()
    first = next(file.iter_batches(_BATCH_ROWS, columns=texts, use_threads=False))
    return columns_with_decimal_commas(pa.Table.from_batches([first]))


def _with_partitions(table: pa.Table, file: SourceFile, columns: Sequence[str]) -> pa.Table:
    for key, text in file.partitions:
        if key in columns:
            value = None if text == _HIVE_NULL else text
            table = table.append_column(
                key, pa.array([value], pa.string()).take(pa.array([0] * len(table), pa.int64()))
            )
    return table
