"""Data that comes as bytes: what is no data is refused with what was expected."""

import pytest

from tracer_ray.analysis.uploads import analyze_bytes
from tracer_ray.errors import DataError


@pytest.mark.parametrize("line", [b"\x83\xff", b"3,\x83", b"3,4,\x83"])
def test_bytes_that_are_no_text_are_refused_wherever_they_stand(line: bytes) -> None:
    """Arrow tells of a broken line through a callback, which can't be given such a line."""
    body = b"id,churned\n1,yes\n" + line + b"\n"
    with pytest.raises(DataError, match=r"byte \d+ is no UTF-8; save the file as UTF-8"):
        analyze_bytes(body)
