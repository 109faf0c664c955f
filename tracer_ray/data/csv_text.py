"""How a CSV file is written, told by its first bytes (encoding and delimiter), and opening it."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count

import pyarrow as pa
import pyarrow.csv as pc_csv
from charset_normalizer import from_bytes

from tracer_ray import storage
from tracer_ray.errors import SchemaError

UTF_8 = "utf-8"
_BLOCK_BYTES = 16 * 2**20
_HEAD_BYTES = 4 * 2**20
_HEADER_BYTES = 65_536
_LOOKED_AT_BYTES = 60_000  # about, around the first byte that is no UTF-8
_DELIMITERS = ",;\t|"
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# One of each script: relatives of cp1252 differ in few letters, and texts don't tell them apart.
_GUESSES = ["cp1252", "cp1251", "cp932", "gb18030", "big5", "cp949"]


@dataclass(frozen=True)
class CsvFormat:
    """How the bytes of a CSV file are read; `encoding` is one that Python knows.

    `names` stand for those of a header in which one comes twice, else there are none.
    """

    encoding: str = UTF_8
    delimiter: str = ","
    names: tuple[str, ...] = ()


USUAL = CsvFormat()


def format_of(uri: str) -> CsvFormat:
    """The format of a CSV file, compressed or not.

    Raises SchemaError for bytes that are no text, UnicodeDecodeError for a broken UTF-16 file.
    """
    with open_text(uri, UTF_8) as stream:
        encoding = encoding_of(uri, stream.read(_HEAD_BYTES))
    with open_text(uri, encoding) as stream:
        header = stream.read(_HEADER_BYTES).partition(b"\n")[0]
    return CsvFormat(encoding, max(_DELIMITERS, key=lambda each: int(header.count(each.encode()))))


def encoding_of(name: str, head: bytes) -> str:
    """UTF-8, UTF-16 by its mark, or what the bytes around the first that is no UTF-8 look like.

    Raises SchemaError where they look like nothing, and where they are UTF-8 but for a few.

    >>> encoding_of("a.csv", "Stadt\\nMünchen\\nKöln\\n".encode("latin1"))
    'cp1252'
    """
    if head.startswith(_UTF16_MARKS):
        return "utf-16"
    try:
        codecs.getincrementaldecoder(UTF_8)().decode(head)  # may end within a character
    except UnicodeDecodeError as error:
        lines = _lines_around(head, error.start)
        guess = None if _is_mostly_utf8(lines) else from_bytes(lines, cp_isolation=_GUESSES).best()
        if guess:
            return guess.encoding
        raise SchemaError(
            f"{name}: byte {error.start} is no UTF-8; save the file as UTF-8, such as with "
            "`iconv -f latin1 -t utf-8`"
        ) from error
    return UTF_8


def _lines_around(head: bytes, place: int) -> bytes:
    """Some of the bytes, not cut within a character: no character ends with a line's end."""
    begin = head.rfind(b"\n", 0, max(place - _LOOKED_AT_BYTES // 2, 0)) + 1
    end = head.find(b"\n", place + _LOOKED_AT_BYTES // 2)
    return head[begin:] if end < 0 else head[begin:end]


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether more characters beyond ASCII are UTF-8 than are not."""
    text = data.decode(UTF_8, errors="replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    return sum(not each.isascii() for each in text) > 2 * broken


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
            skip_rows_after_names=1 if written.names else 0,
        ),
        pc_csv.ParseOptions(
            delimiter=written.delimiter, newlines_in_values=True, invalid_row_handler=note
        ),
        pc_csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), include_columns=list(columns)
        ),
    )
