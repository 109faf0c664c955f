"""In which encoding a text is, told by its first bytes."""

import codecs
import re
from functools import partial

from charset_normalizer import from_bytes

from tracer_ray.errors import SchemaError

UTF_8 = "utf-8"
MENDED = "utf-8-mended"  # UTF-8 in which other bytes are written as \\xfc, so that none is lost
REMEDY = "save the file as UTF-8, such as with `iconv -f latin1 -t utf-8`"
_LOOKED_AT_BYTES = 60_000  # about, around the first byte that is no UTF-8
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# One of each script: relatives of cp1252 differ in few letters, and texts don't tell them apart.
_WESTERN, _CYRILLIC, _OTHERS = "cp1252", "cp1251", ["cp932", "gb18030", "big5", "cp949"]
_LONE, _FEW = 1.5, 2.5  # bytes beyond ASCII in a row: Western letters are few among others
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_UPPER_QUARTER, _MOSTLY = re.compile(rb"[\xc0-\xff]+"), 0.9  # where Cyrillic letters are
_BESIDE_A_LETTER = re.compile(rb"[A-Za-z][\x80-\xff]+|[\x80-\xff]+[A-Za-z]")
_ESCAPED, _MOST_BROKEN = "backslashreplace", 0.02  # of the bytes: else they are no text
_RARE_SIGNS, _MOST_RARE_SIGNS = re.compile(rb"[\x81-\x90\x98-\x9f]"), 0.2


def encoding_of(name: str, head: bytes, *, is_whole: bool = True) -> str:
    """UTF-8, UTF-16 by its mark, or what the bytes around the first that is no UTF-8 look like.

    Where they are UTF-8 or ASCII but for a few, these are written as `\\xfc`. A head that is not
    the whole text may end within a character. Raises SchemaError where they look like nothing.

    >>> encoding_of("a.csv", "Stadt\\nMünchen\\nKöln\\n".encode("latin1"))
    'cp1252'
    """
    if head.startswith(_UTF16_MARKS):
        return "utf-16"
    try:
        codecs.getincrementaldecoder(UTF_8)().decode(head, is_whole)
    except UnicodeDecodeError as error:
        lines = _lines_around(head, error.start)
        guess = MENDED if _is_mostly_utf8(lines) else _guess(lines)
        if guess or (b"\0" not in lines and _broken(lines) <= _MOST_BROKEN * len(lines)):
            return guess or MENDED
        raise SchemaError(f"{name}: byte {error.start} is no UTF-8; {REMEDY}") from error
    return UTF_8


def shown(encoding: str) -> str:
    """An encoding as it is told.

    >>> shown("cp1252"), shown(MENDED)
    ('cp1252', 'UTF-8 with other bytes as \\\\xfc')
    """
    return "UTF-8 with other bytes as \\xfc" if encoding == MENDED else encoding


def _lines_around(head: bytes, place: int) -> bytes:
    """Some of the bytes, not cut within a character: no character ends with a line's end."""
    begin = head.rfind(b"\n", 0, max(place - _LOOKED_AT_BYTES // 2, 0)) + 1
    end = head.find(b"\n", place + _LOOKED_AT_BYTES // 2)
    return head[begin:] if end < 0 else head[begin:end]


def _guess(lines: bytes) -> str:
    """The encoding that lines look like; "" where they look like none.

    Too few bytes tell nothing of a language, but those of a Western text stand alone among ASCII.
    """
    runs = _BEYOND_ASCII.findall(lines)
    beyond = sum(map(len, runs))
    within_words = len(_BESIDE_A_LETTER.findall(lines)) > len(runs) / 2
    is_western = beyond < (_FEW if within_words else _LONE) * len(runs)
    if is_western and len(_RARE_SIGNS.findall(lines)) <= _MOST_RARE_SIGNS * beyond:
        return _WESTERN if _is_text(lines, _WESTERN) else ""
    if sum(map(len, _UPPER_QUARTER.findall(lines))) >= _MOSTLY * beyond:
        return _CYRILLIC
    best = from_bytes(lines, cp_isolation=_OTHERS).best()
    return best.encoding if best else ""


def _mended(name: str) -> codecs.CodecInfo | None:
    """The codec of that name: UTF-8 that never fails."""
    if name.replace("_", "-") != MENDED:
        return None
    utf8 = codecs.lookup(UTF_8)
    decoder = partial(codecs.getincrementaldecoder(UTF_8), _ESCAPED)
    return codecs.CodecInfo(
        utf8.encode,
        lambda data, _errors="strict": utf8.decode(data, _ESCAPED),
        incrementaldecoder=decoder,
        name=MENDED,
    )


codecs.register(_mended)  # Arrow reads files by the name of a codec


def _is_text(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether more characters beyond ASCII are UTF-8 than are not."""
    good = data.decode(UTF_8, errors="ignore")
    return sum(not each.isascii() for each in good) > _broken(data)


def _broken(data: bytes) -> int:
    """The number of bytes that are no UTF-8."""
    return len(data) - len(data.decode(UTF_8, errors="ignore").encode())
