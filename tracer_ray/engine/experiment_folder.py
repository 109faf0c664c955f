"""Where Tune keeps an experiment while it runs; our own records are the results."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "tracer-tune-"
HELD = "held"  # a file that the experiment's process keeps locked as long as it lives


@contextmanager
def experiment_folder() -> Iterator[str]:
    """A folder that is gone afterwards; those that killed processes left here go before it."""
    _remove_abandoned(Path(tempfile.gettempdir()))
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder,
        Path(folder, HELD).open("wb") as held,
    ):
        fcntl.flock(held, fcntl.LOCK_EX)
        yield folder


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders whose file nobody holds; another user's are not ours to remove."""
    for path in parent.glob(f"{PREFIX}*/{HELD}"):
        try:
            with path.open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        shutil.rmtree(path.parent, ignore_errors=True)
