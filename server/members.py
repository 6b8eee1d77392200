"""Paths to files' contents: folders, globs, gzip and zip members, each with a bound.

Nothing is unpacked to disk, and no archive can fill the memory: an entry is read no further than
the bound, whatever its header says of its size, and an archive as a whole no further than
`ARCHIVE_BOUNDS` times that.
"""

from __future__ import annotations

import glob
import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from server.errors import UserError

MIB = 1 << 20
ARCHIVE_BOUNDS = 8
MOST_ENTRIES = 10_000
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_STEP = 1 << 18


@dataclass(frozen=True, slots=True)
class Member:
    """One file's content."""

    name: str
    """File name without folders; of an archive's entry `archive.zip/entry.835`."""
    content: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """One file, or an archive's entry, that was not read, and why (one clause)."""

    name: str
    reason: str


class Readable(Protocol):
    """Anything bytes are read from."""

    def read(self, size: int, /) -> bytes: ...


class TooLargeError(ValueError):
    """Content beyond its bound."""


def files_of(paths: Iterable[str | Path]) -> list[Path]:
    """The files that paths, folders (all below them) and globs name, in order, each once.

    Names that start with a dot are left out below folders, and links to folders are not followed.
    Raises UserError where a path names nothing.
    """
    found: dict[Path, None] = {}
    for path in paths:
        for file in _expanded(Path(path)):
            found.setdefault(file)
    return list(found)


def _expanded(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(_below(path))
    if path.exists():
        return [path]
    matches = sorted(glob.glob(str(path), recursive=True)) if glob.has_magic(str(path)) else []
    files = [file for match in matches for file in _expanded(Path(match))]
    if not files:
        raise UserError(f"{path}: no such file or folder")
    return files


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            file = Path(parent, name)
            if not name.startswith(".") and file.is_file():
                yield file


def members(files: Iterable[Path], most_mib: int) -> Iterator[Member | Refused]:
    """The content of each file, archives opened, or why it was not read.

    `most_mib` bounds one file and one archive's entry, in MiB.
    """
    for file in files:
        yield from _of_file(file, most_mib)


def _of_file(file: Path, most_mib: int) -> Iterator[Member | Refused]:
    name, most = file.name, most_mib * MIB
    try:
        with file.open("rb") as stream:
            head = stream.read(4)
            stream.seek(0)
            if head.startswith(_ZIP):
                yield from _zipped(stream, name, most)
            elif head.startswith(_GZIP):
                yield _gzipped(stream, name, most)
            else:
                yield Member(name, bounded(stream, most))
    except TooLargeError:
        yield Refused(name, f"larger than {most_mib} MiB")
    except OSError as error:
        yield Refused(name, f"cannot be read ({error.strerror or type(error).__name__})")


def bounded(stream: Readable, most: int) -> bytes:
    """All of a stream; raises TooLargeError beyond `most` bytes."""
    pieces: list[bytes] = []
    size = 0
    while piece := stream.read(_STEP):
        size += len(piece)
        if size > most:
            raise TooLargeError
        pieces.append(piece)
    return b"".join(pieces)


def _gzipped(stream: io.BufferedReader, name: str, most: int) -> Member | Refused:
    inner = name[:-3] if name.lower().endswith(".gz") else name
    try:
        with gzip.GzipFile(fileobj=stream) as unpacked:
            return Member(inner, bounded(unpacked, most))
    except TooLargeError:
        return Refused(name, f"unpacks to more than {most // MIB} MiB")
    except (OSError, EOFError, zlib.error):
        return Refused(name, "a damaged gzip file")


def _zipped(stream: io.BufferedReader, name: str, most: int) -> Iterator[Member | Refused]:
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        yield Refused(name, "a damaged zip archive")
        return
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > MOST_ENTRIES:
            yield Refused(name, f"a zip archive of more than {MOST_ENTRIES} entries")
            return
        left = most * ARCHIVE_BOUNDS
        for entry in entries:
            read = _entry(archive, entry, name, min(most, left))
            yield read
            left -= len(read.content) if isinstance(read, Member) else 0


def _entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, most: int
) -> Member | Refused:
    inner = f"{name}/{Path(entry.filename.replace(chr(92), '/')).name}"
    if entry.flag_bits & 1:
        return Refused(inner, "encrypted")
    try:
        with archive.open(entry) as unpacked:
            content = bounded(unpacked, most)
    except TooLargeError:
        return Refused(inner, f"unpacks to more than {most // MIB} MiB")
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, zlib.error, ValueError):
        return Refused(inner, "a damaged entry of a zip archive")
    if content.startswith((*_ZIP, _GZIP)):
        return Refused(inner, "an archive within an archive")
    return Member(inner, content)
