"""Append-only logs of records: what workers have finished, and what a resumed run finds of it.

A record is framed by a mark, its length and a checksum. A frame that was torn, by a kill in the
middle of a write or by a disk that was full for a moment, is passed over: the reader goes on at the
next mark, so what was appended afterwards is found.
"""

import io
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from tracer_ray import storage

MARK = b"\x89TRACER\n"
SEGMENT_BYTES = 1 << 20  # where nothing can be appended, an object is rewritten up to this size
_HEAD = struct.Struct("<QI")


class RecordLog:
    """The log of one writer, which no other writer shares; a record that was appended stays.

    On S3, where nothing appends, the newest object is rewritten with each record until it holds
    SEGMENT_BYTES, so the number of objects grows with the bytes and not with the records.
    """

    def __init__(self, folder: str, writer: str) -> None:
        self._folder = folder
        self._writer = writer
        self._segment, self._number = b"", 0
        self._is_synced = True

    def append(self, *records: pa.RecordBatch) -> None:
        """Append records durably; StorageError where that fails."""
        self.write(*records)
        self.sync()

    def write(self, *records: pa.RecordBatch) -> None:
        """Append records that outlive this process, and its machine once `sync` has returned."""
        framed = b"".join(map(frame, records))
        if storage.is_remote(self._folder):
            self._put(framed)
            return
        storage.make_folder(self._folder)
        with storage.explained(str(self._path), "append to"), self._path.open("ab") as log:
            log.write(framed)
        self._is_synced = False

    def sync(self) -> None:
        """Have everything that was written on the disk; StorageError where that fails."""
        if self._is_synced:
            return
        with storage.explained(str(self._path), "append to"), self._path.open("ab") as log:
            os.fsync(log.fileno())
        self._is_synced = True

    @property
    def _path(self) -> Path:
        return Path(storage.join(self._folder, f"{self._writer}.log"))

    def _put(self, framed: bytes) -> None:
        if len(self._segment) >= SEGMENT_BYTES:
            self._segment, self._number = b"", self._number + 1
        name = f"{self._writer}-{self._number:05d}.log"
        storage.write_bytes(storage.join(self._folder, name), self._segment + framed)
        self._segment += framed


def frame(record: pa.RecordBatch) -> bytes:
    """A record as it stands in a log."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, record.schema) as stream:
        stream.write_batch(record)
    data = sink.getvalue()
    return MARK + _HEAD.pack(len(data), zlib.crc32(data)) + data


def read_records(folder: str) -> Iterator[pa.RecordBatch]:
    """Every whole record of every writer's log, in no order that matters."""
    if storage.exists(folder):
        for uri in storage.list_files(folder):
            if uri.endswith(".log"):
                yield from records_in(storage.read_bytes(uri))


def records_in(log: bytes) -> Iterator[pa.RecordBatch]:
    """The whole records of one log, passing over what is torn."""
    at = log.find(MARK)
    while at >= 0:
        data = _framed_at(log, at + len(MARK))
        if data is None:
            at = log.find(MARK, at + 1)
            continue
        with pa.ipc.open_stream(data) as stream:
            yield from stream
        at = log.find(MARK, at + len(MARK) + _HEAD.size + len(data))


def _framed_at(log: bytes, at: int) -> bytes | None:
    """The data of the frame whose head is there; None where it is not whole."""
    if len(log) < at + _HEAD.size:
        return None
    length, checksum = _HEAD.unpack_from(log, at)
    data = log[at + _HEAD.size : at + _HEAD.size + length]
    return data if len(data) == length and zlib.crc32(data) == checksum else None
