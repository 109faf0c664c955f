"""What a job takes along: the code, and nothing that is big or belongs to this machine."""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

EXCLUDES = (
    ".git/",
    ".venv/",
    ".*_cache/",
    ".hypothesis/",
    "tracer_home/",
    "build/",
    "tests/",
    "docs/",
    "**/__pycache__/",
    "*.parquet",
    "*.csv",
    "*.jsonl",
    "*.db",
)


def files_to_upload(folder: Path, excludes: tuple[str, ...] = EXCLUDES) -> Iterator[Path]:
    """The files of a folder that no exclude matches, as a .gitignore of these lines would."""
    for path in sorted(folder.iterdir()):
        if _is_excluded(path, excludes):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from files_to_upload(path, excludes)
        elif path.is_file():
            yield path


def size_to_upload(folder: Path, excludes: tuple[str, ...] = EXCLUDES) -> int:
    """How many bytes would be uploaded, before compression."""
    return sum(path.stat().st_size for path in files_to_upload(folder, excludes))


def _is_excluded(path: Path, excludes: tuple[str, ...]) -> bool:
    names = [each.removeprefix("**/") for each in excludes]
    return any(
        fnmatch(path.name, name.rstrip("/")) and (path.is_dir() or not name.endswith("/"))
        for name in names
    )
