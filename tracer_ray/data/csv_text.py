"""How a CSV file is written, told by its first bytes (encoding and delimiter), and opening it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count

import pyarrow as pa
import pyarrow.csv as pc_csv

from tracer_ray import storage
from tracer_ray.data.encodings import UTF_8, encoding_of

_BLOCK_BYTES = 16 * 2**20
_HEAD_BYTES, _HEADER_BYTES = 4 * 2**20, 65_536
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class CsvFormat:
    """How the bytes of a CSV file are read; `encoding` is one that Python knows.

    `names` stand for those of a header in which one comes twice, else there are none;
    `blank_lines` come before the header.
    """

    encoding: str = UTF_8
    delimiter: str = ","
    names: tuple[str, ...] = ()
    blank_lines: int = 0


USUAL = CsvFormat()


def format_of(uri: str) -> CsvFormat:
    """The format of a CSV file, compressed or not.

    Raises SchemaError for bytes that are no text.
    """
    with open_text(uri, UTF_8) as stream:
        head = stream.read(_HEAD_BYTES)
        encoding = encoding_of(uri, head, is_whole=not stream.read(1))
    text = head[:_HEADER_BYTES].decode(encoding, errors="ignore")  # may end within a character
    lines = text.lstrip("\r\n")
    header = lines.partition("\n")[0]
    blank_lines = len(text[: len(text) - len(lines)].splitlines())
    return CsvFormat(encoding, max(_DELIMITERS, key=header.count), blank_lines=blank_lines)


def told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Names in which a second `a` is called `a.1`, as it is in pandas.

    >>> told_apart(["a", "b", "a", "a.1"])
    ('a', 'b', 'a.1', 'a.1.1')
    """
    known: dict[str, None] = {}
    for name in names:
        numbered = (f"{name}.{place}" for place in count(1))
        known[next(each for each in chain([name], numbered) if each not in known)] = None
    return tuple(known)


def open_text(uri: str, encoding: str) -> pa.NativeFile:
    """The text of a file as UTF-8, decompressed by the file's ending."""
    system, path = storage.filesystem(uri)
    with storage.explained(uri, "read"):
        stream = system.open_input_stream(path)
    return stream if encoding == UTF_8 else pa.transcoding_input_stream(stream, encoding, UTF_8)


def open_csv(
    uri: str, written: CsvFormat, columns: Sequence[str], broken: list[str]
) -> pc_csv.CSVStreamingReader:
    """A reader of the named columns as text, or of all where none are named.

    Lines that don't fit go to `broken`.
    """

    def note(row: pc_csv.InvalidRow) -> str:
        broken.append(row.text)
        return "skip"

    return pc_csv.open_csv(
        open_text(uri, written.encoding),
        pc_csv.ReadOptions(
            block_size=_BLOCK_BYTES,
            use_threads=False,
            column_names=written.names or None,
            skip_rows=written.blank_lines if written.names else 0,
            skip_rows_after_names=1 if written.names else 0,
        ),
        pc_csv.ParseOptions(
            delimiter=written.delimiter, newlines_in_values=True, invalid_row_handler=note
        ),
        pc_csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), include_columns=list(columns)
        ),
    )
