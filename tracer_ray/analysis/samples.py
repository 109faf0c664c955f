"""Rows to look at: whole small data, and evenly spread parts of big files.

Memory is bounded by what is kept, not by the size of a file: batches of a Parquet file's row
groups, and blocks of a CSV file, are read one after another, and each gives its first rows.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from tracer_ray import storage
from tracer_ray.data.decimal_commas import with_decimal_points
from tracer_ray.data.encodings import UTF_8, shown
from tracer_ray.data.sources import Part, SourceFile, find_files, read_part
from tracer_ray.errors import DataError, SchemaError

JOINED = " with "  # between the names of files that are one sample
MOST_ROWS = 40_000
PLACES = 8
_BLOCK_BYTES = 2 * 2**20


@dataclass(frozen=True)
class Sample:
    """Rows of one data set; `rows` are those of the whole, of a big CSV file an estimate.

    `source` is what a command is given to read it again, "" for data in memory, and `beside` what
    it is given as well, of which some columns are. A `calendar` has the dates of numbered columns.
    """

    name: str
    table: pa.Table
    rows: int
    source: str = ""
    is_estimate: bool = False
    encoding: str = UTF_8
    beside: tuple[str, ...] = ()
    calendar: Mapping[str, str] = field(default_factory=dict)

    def sources_beside(self, other: "Sample") -> tuple[str, ...]:
        """What a command is given beside this source where another one is read, too."""
        return tuple(sorted({*self.beside, other.source} - {self.source, ""}))

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out."""
        return len(self.table) == self.rows

    @property
    def statement(self) -> str:
        """How much was looked at, in words.

        >>> Sample("a.csv", pa.table({"a": [1, 2]}), 900).statement
        '2 of 900 rows, from evenly spread places'
        """
        text = (
            ""
            if self.encoding == UTF_8
            else f"; the text is no UTF-8, read as {shown(self.encoding)}"
        )
        if self.is_whole:
            return f"all {self.rows:,} rows{text}"
        about = "about " if self.is_estimate else ""
        looked_at = f"{len(self.table):,} of {about}{self.rows:,} rows"
        return f"{looked_at}, from evenly spread places{text}"


def sample_files(sources: Sequence[str]) -> tuple[Sample, ...]:
    """A sample per set of files with equal columns, in the order of the sources.

    Raises DataError where a source holds no rows, SchemaError for a file that can't be read.
    """
    groups: dict[tuple[str, tuple[str, ...]], list[SourceFile]] = {}
    for source in sources:
        for file in find_files([source]):
            if not file.is_empty:
                groups.setdefault((source, file.columns), []).append(file)
    if not groups:
        raise DataError(f"{', '.join(sources)}: no rows at all; nothing to analyze")
    return tuple(_sample_group(source, files) for (source, _), files in groups.items())


def sample_table(table: pa.Table, name: str = "data") -> Sample:
    """Evenly spread rows of a table in memory."""
    if len(table) <= MOST_ROWS:
        return Sample(name, table, len(table))
    step, each = len(table) // PLACES, MOST_ROWS // PLACES
    pieces = [table.slice(place * step, each) for place in range(PLACES)]
    return Sample(name, pa.concat_tables(pieces), len(table))


def _sample_group(source: str, files: Sequence[SourceFile]) -> Sample:
    """A sample of files with equal columns; of many files evenly chosen ones."""
    chosen = files[:: max(len(files) // PLACES, 1)][:PLACES]
    try:
        read = [_sample_file(file, max(MOST_ROWS // len(chosen), 1)) for file in chosen]
    except pa.ArrowException as error:
        raise SchemaError(f"{source}: can't be read: {error}") from error
    table = pa.concat_tables([table for table, _ in read], promote_options="permissive")
    rows = sum(rows for _, rows in read) * len(files) // len(chosen)
    is_estimate = len(chosen) < len(files) or any(file.is_csv for file in chosen)
    name = chosen[0].uri.rpartition("/")[2]
    encodings = [file.written.encoding for file in chosen]
    encoding = next((each for each in encodings if each != UTF_8), UTF_8)
    if len(files) > 1:
        name = f"{name} and {len(files) - 1} more"
    elif storage.is_folder(source):
        source = chosen[0].uri
    return Sample(name, table, rows, source, is_estimate, encoding)


def _sample_file(file: SourceFile, most: int) -> tuple[pa.Table, int]:
    """Up to `most` rows of a file, and how many it has."""
    if not file.is_csv:
        return _sample_parquet(file, most), file.rows
    size_bytes = storage.size_bytes(file.uri)
    has_places = not file.uri.endswith(".gz") and file.written.encoding == UTF_8
    if not has_places or size_bytes <= PLACES * _BLOCK_BYTES:
        return _sample_stream(file, most)
    return _sample_blocks(file, most, size_bytes)


def _sample_parquet(file: SourceFile, most: int) -> pa.Table:
    system, path = storage.filesystem(file.uri)
    with storage.explained(file.uri, "read"), system.open_input_file(path) as stream:
        parquet = pq.ParquetFile(stream)
        groups = range(parquet.num_row_groups)
        chosen = groups if file.rows <= most else groups[:: max(len(groups) // PLACES, 1)][:PLACES]
        each = most if file.rows <= most else max(most // len(chosen), 1)
        pieces = [_first_rows(parquet, group, each) for group in chosen]
    return with_decimal_points(pa.concat_tables(pieces))


def _first_rows(parquet: pq.ParquetFile, group: int, most: int) -> pa.Table:
    batches: list[pa.RecordBatch] = []
    for batch in parquet.iter_batches(min(most, 8192), [group], use_threads=False):
        batches.append(batch)
        if sum(map(len, batches)) >= most:
            break
    return pa.Table.from_batches(batches, parquet.schema_arrow).slice(0, most)


def _sample_stream(file: SourceFile, most: int) -> tuple[pa.Table, int]:
    """A file read from its beginning: all batches are counted, each gives some of its rows."""
    pieces: list[pa.Table] = []
    rows = 0
    for chunk in read_part(Part(file, 0, 0, -1), file.columns):
        pieces.append(sample_table(chunk.table).table)
        rows += len(chunk.table)
        if len(pieces) > PLACES:  # a long compressed file: keep every second piece
            pieces = [piece.slice(0, len(piece) // 2) for piece in pieces[::2]]
    if not pieces:
        raise DataError(f"{file.uri}: a header and no rows; nothing to analyze")
    return sample_table(pa.concat_tables(pieces)).table.slice(0, most), max(rows, 1)


def _sample_blocks(file: SourceFile, most: int, size_bytes: int) -> tuple[pa.Table, int]:
    """The whole lines of blocks at evenly spread places of a CSV file."""
    pieces, used_bytes, rows = [], 0, 0
    for block in _blocks(file.uri, size_bytes):
        table = _parse_block(block, file)
        used_bytes, rows = used_bytes + len(block), rows + len(table)
        pieces.append(table.slice(0, most // PLACES))
    table = pa.concat_tables(pieces)
    return with_decimal_points(table), size_bytes * rows // max(used_bytes, 1)


def _blocks(uri: str, size_bytes: int) -> Iterator[bytes]:
    """Blocks of whole lines, without the header."""
    system, path = storage.filesystem(uri)
    with storage.explained(uri, "read"), system.open_input_file(path) as stream:
        for place in range(PLACES):
            stream.seek(place * (size_bytes // PLACES))
            _, _, after = stream.read(_BLOCK_BYTES).partition(b"\n")
            whole, _, _ = after.rpartition(b"\n")
            if whole:
                yield whole + b"\n"


def _parse_block(block: bytes, file: SourceFile) -> pa.Table:
    """The lines of a block that have as many fields as the header, all values as text."""
    names = [name for name in file.columns if name not in dict(file.partitions)]
    return pc_csv.read_csv(
        io.BytesIO(block),
        pc_csv.ReadOptions(column_names=names, use_threads=False),
        pc_csv.ParseOptions(delimiter=file.written.delimiter, invalid_row_handler=lambda _: "skip"),
        pc_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
