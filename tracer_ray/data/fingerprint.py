"""Digests of rows that are the same on every machine, whatever the order the rows arrived in."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tracer_ray.splits import stable_hash

WordArray = npt.NDArray[np.uint64]


def text_words(texts: pa.Array) -> WordArray:
    """The stable hash of each text, uint64 [rows]; 0 for a null."""
    encoded = texts.dictionary_encode()
    hashes = [stable_hash(text) for text in encoded.dictionary.to_pylist()]
    indices = encoded.indices.fill_null(len(hashes)).to_numpy(zero_copy_only=False)
    words: WordArray = np.array([*hashes, 0], dtype=np.uint64)[indices]
    return words


def content_words(table: pa.Table, columns: Sequence[str]) -> WordArray:
    """One word per cell, uint64 [rows, columns]: equal words are equal values.

    Numbers give their bits (null is NaN, -0.0 is 0.0), times their microseconds, texts a hash.
    """
    words = np.empty((len(table), len(columns)), dtype=np.uint64)
    for place, name in enumerate(columns):
        words[:, place] = _column_words(table[name])
    return words


def fingerprint_of(words: WordArray) -> str:
    """The digest of some rows, 16 hexadecimal digits."""
    return sha256(np.ascontiguousarray(words).tobytes()).hexdigest()[:16]


def combined(parts: Iterable[str]) -> str:
    """The digest of several texts in this order, 64 hexadecimal digits."""
    return sha256("\n".join(parts).encode()).hexdigest()


def _column_words(values: pa.ChunkedArray) -> WordArray:
    whole = pa.concat_arrays(values.chunks) if values.num_chunks else pa.nulls(0, values.type)
    if pa.types.is_string(values.type):
        return text_words(whole)
    if pa.types.is_timestamp(values.type):
        cells = whole.cast(pa.int64()).to_numpy(zero_copy_only=False)
    else:
        numbers = whole.cast(pa.float64()).fill_null(float("nan")).to_numpy(zero_copy_only=False)
        cells = np.where(np.isnan(numbers), np.nan, numbers + 0.0)
    words: WordArray = cells.view(np.uint64)
    return words
