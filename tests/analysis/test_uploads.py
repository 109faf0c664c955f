"""Data that comes as bytes: what is no data is refused with what was expected."""

import pytest

from tracer_ray.analysis.uploads import analyze_bytes
from tracer_ray.errors import DataError


@pytest.mark.parametrize("line", [b"\x83\xff", b"3,\x83", b"3,4,\x83"])
def test_a_few_bytes_that_are_no_text_are_written_out_wherever_they_stand(line: bytes) -> None:
    """Arrow tells of a broken line through a callback, which can't be given such a line."""
    body = b"id,churned\n" + "Zürich,yes\nKöln,no\n".encode() * 9 + line + b"\n"
    (profile,) = analyze_bytes(body).profiles
    assert "read as UTF-8 with other bytes as" in profile.statement


def test_bytes_that_are_mostly_no_text_are_refused() -> None:
    with pytest.raises(DataError, match=r"byte \d+ is no UTF-8; save the file as UTF-8"):
        analyze_bytes(b"id,churned\n" + bytes(range(128, 256)))


def test_text_in_an_old_encoding_is_read_and_said() -> None:
    body = "id,city,churned\n" + "".join(f"{n},Zürich,{n % 2}\n" for n in range(40))
    (profile,) = analyze_bytes(body.encode("latin1")).profiles
    assert profile.column("city").examples == ("Zürich",)
    assert profile.statement == "all 40 rows; the text is no UTF-8, read as cp1252"
