"""Paths to contents: folders, globs, archives, and the bounds that keep them harmless."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest

from server.errors import UserError
from server.members import ARCHIVE_BOUNDS, MIB, MOST_ENTRIES, Member, Refused, files_of, members


def read(*files: Path, most: int = 1) -> list[Member | Refused]:
    return list(members(files, most))


def zipped(file: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file


def test_files_folders_and_globs_in_order(tmp_path: Path) -> None:
    for name in ("b.835", "a.835", "sub/c.835", ".hidden", "sub/.git/x"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(name)
    names = [file.name for file in files_of([tmp_path])]
    assert names == ["a.835", "b.835", "c.835"]
    assert [f.name for f in files_of([f"{tmp_path}/*.835"])] == ["a.835", "b.835"]
    assert [f.name for f in files_of([f"{tmp_path}/**/c.*"])] == ["c.835"]
    twice = files_of([tmp_path / "a.835", tmp_path])
    assert [f.name for f in twice] == ["a.835", "b.835", "c.835"]


def test_a_name_with_a_bracket_is_a_file_first(tmp_path: Path) -> None:
    file = tmp_path / "era[1].835"
    file.write_text("x")
    assert files_of([file]) == [file]


@pytest.mark.parametrize("name", ["nix", "nix/*.835", "[ab]"])
def test_a_path_that_names_nothing_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="no such file or folder"):
        files_of([tmp_path / name])


def test_an_empty_folder_names_nothing(tmp_path: Path) -> None:
    assert files_of([tmp_path]) == []


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a").write_text("x")
    os.symlink(tmp_path, tmp_path / "in/loop")
    assert [f.name for f in files_of([tmp_path / "in"])] == ["a"]


def test_plain_and_packed_contents(tmp_path: Path) -> None:
    plain = tmp_path / "a.835"
    plain.write_bytes(b"ISA one")
    packed = tmp_path / "b.835.gz"
    packed.write_bytes(gzip.compress(b"ISA two"))
    archive = zipped(tmp_path / "c.zip", {"x/d.835": b"ISA three", "e.835": b"ISA four", "f/": b""})
    assert read(plain, packed, archive) == [
        Member("a.835", b"ISA one"),
        Member("b.835", b"ISA two"),
        Member("c.zip/d.835", b"ISA three"),
        Member("c.zip/e.835", b"ISA four"),
    ]


def test_a_packed_file_is_known_by_its_content_not_its_name(tmp_path: Path) -> None:
    file = tmp_path / "a.835"
    file.write_bytes(gzip.compress(b"ISA"))
    assert read(file) == [Member("a.835", b"ISA")]


def test_files_beyond_the_bound_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.835"
    file.write_bytes(b"x" * MIB)
    assert isinstance(read(file)[0], Member)
    file.write_bytes(b"x" * (MIB + 1))
    assert read(file) == [Refused("a.835", "larger than 1 MiB")]


def test_a_gzip_bomb_is_refused_without_being_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "bomb.gz"
    with gzip.open(file, "wb") as out:
        for _ in range(64):
            out.write(bytes(MIB))
    assert file.stat().st_size < MIB
    assert read(file) == [Refused("bomb.gz", "unpacks to more than 1 MiB")]


def test_a_zip_bomb_is_refused_whatever_its_header_says(tmp_path: Path) -> None:
    file = zipped(tmp_path / "bomb.zip", {"a": bytes(4 * MIB), "b": b"ISA"})
    assert read(file) == [
        Refused("bomb.zip/a", "unpacks to more than 1 MiB"),
        Member("bomb.zip/b", b"ISA"),
    ]
    lying = bytearray(file.read_bytes())
    size = (4 * MIB).to_bytes(4, "little")
    while size in lying:
        at = lying.index(size)
        lying[at : at + 4] = (100).to_bytes(4, "little")
    file.write_bytes(lying)
    first = read(file)[0]
    assert isinstance(first, Refused) or len(first.content) <= MIB


def test_an_archive_is_bounded_as_a_whole(tmp_path: Path) -> None:
    count = ARCHIVE_BOUNDS + 3
    file = zipped(tmp_path / "many.zip", {f"{n:02}": bytes(MIB) for n in range(count)})
    found = read(file)
    assert sum(isinstance(one, Member) for one in found) == ARCHIVE_BOUNDS
    assert all(isinstance(one, Refused) for one in found[ARCHIVE_BOUNDS:])


def test_an_archive_of_too_many_entries_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "many.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for n in range(MOST_ENTRIES + 1):
            archive.writestr(str(n), b"")
    assert read(file) == [Refused("many.zip", f"a zip archive of more than {MOST_ENTRIES} entries")]


def test_archives_within_archives_are_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x", b"ISA")
    file = zipped(tmp_path / "a.zip", {"in.zip": inner.getvalue(), "in.gz": gzip.compress(b"I")})
    assert [one.reason for one in read(file)] == ["an archive within an archive"] * 2


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.gz"
    bad.write_bytes(gzip.compress(b"ISA" * 1000)[:-9])
    assert read(bad) == [Refused("bad.gz", "a damaged gzip file")]
    torn = tmp_path / "torn.zip"
    torn.write_bytes(b"PK\x03\x04" + b"\x00" * 50)
    assert read(torn) == [Refused("torn.zip", "a damaged zip archive")]
    whole = zipped(tmp_path / "whole.zip", {"a": b"ISA" * 1000})
    data = bytearray(whole.read_bytes())
    data[40:44] = b"\xff\xff\xff\xff"
    whole.write_bytes(data)
    assert read(whole) == [Refused("whole.zip/a", "a damaged entry of a zip archive")]


def test_an_entrys_path_is_no_path(tmp_path: Path) -> None:
    file = zipped(tmp_path / "a.zip", {"../../etc/passwd": b"x", "..\\b": b"y"})
    assert [one.name for one in read(file)] == ["a.zip/passwd", "a.zip/b"]


def test_a_folder_in_a_files_place_is_refused(tmp_path: Path) -> None:
    (found,) = read(tmp_path)
    assert isinstance(found, Refused)
    assert found.reason.startswith("cannot be read")
