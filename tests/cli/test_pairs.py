"""`remitlens pairs`: what is stored, what is shown, and what a wrong file leaves untouched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server import pair_store
from server.cli import main
from server.settings import settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REMITLENS_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


def run(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    monkeypatch.setattr("sys.argv", ["remitlens", *args])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_starter_first_then_what_was_imported(home, monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "pairs", "show", "22614", "--on", "2026-03-01") == 0
    said = capsys.readouterr().out
    assert "type 1" in said
    assert "22612" in said
    assert "starter, not the full file" in said

    table = tmp_path / "mine_2026-01-01.csv"
    table.write_text(
        "add_on,primary,type,valid_from,valid_to\n22614,22612,1,2026-01-01,2026-06-30\n"
    )
    assert run(monkeypatch, "pairs", "import", str(table)) == 0
    assert "mine_2026-01-01.csv 2026-01-01" in capsys.readouterr().out

    assert run(monkeypatch, "pairs", "show", "22614", "--on", "2026-03-01", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["type"] == 1
    assert answer["primaries"] == [
        {
            "add_on": "22614",
            "primary": "22612",
            "type": 1,
            "valid_from": "2026-01-01",
            "valid_to": "2026-06-30",
        }
    ]
    assert answer["table"]["kind"] == "given"
    assert answer["table"]["imported_on"]
    assert run(monkeypatch, "pairs", "show", "22614", "--on", "2026-07-01") == 0
    assert "no add-on on 2026-07-01 (its pairs hold on other days)" in capsys.readouterr().out
    assert run(monkeypatch, "pairs", "show", "22612", "--on", "2026-03-01") == 0
    assert "22612 is a primary of 22614" in capsys.readouterr().out
    assert pair_store.table_file(home).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>Access denied</html>", b"a,b\n1,2\n", b"PK\x03\x04cut", b"x" * (33 * 2**20)],
)
def test_a_wrong_file_changes_nothing(home, monkeypatch, capsys, tmp_path, content):
    good = tmp_path / "good.csv"
    good.write_text("add_on,primary,type\n22614,22612,1\n")
    assert run(monkeypatch, "pairs", "import", str(good)) == 0
    before = pair_store.table_file(home).read_bytes()
    wrong = tmp_path / "wrong.xlsx"
    wrong.write_bytes(content)
    capsys.readouterr()
    assert run(monkeypatch, "pairs", "import", str(wrong)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("remitlens: wrong.xlsx")
    assert told.err.count("\n") == 1
    assert pair_store.table_file(home).read_bytes() == before
    assert [file.name for file in (home / "pairs").iterdir()] == ["table.json"]


@pytest.mark.parametrize("args", [("22614", "--on", "soon"), ("226",), ("22614;",)])
def test_bad_questions_exit_2(home, monkeypatch, capsys, args):
    assert run(monkeypatch, "pairs", "show", *args) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_missing_file_and_damaged_store_exit_2(home, monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "pairs", "import", str(tmp_path / "none.csv")) == 2
    assert "no such file" in capsys.readouterr().err
    assert run(monkeypatch, "pairs", "import", str(tmp_path)) == 2
    capsys.readouterr()
    file = pair_store.table_file(home)
    file.parent.mkdir(parents=True)
    file.write_text('{"form": 1, "kind"')
    assert run(monkeypatch, "pairs", "show", "22614") == 2
    assert "import it again" in capsys.readouterr().err
    good = tmp_path / "good.csv"
    good.write_text("add_on,primary,type\n22614,22612,1\n")
    assert run(monkeypatch, "pairs", "import", str(good)) == 0


def test_age_is_told_on_standard_error(home, monkeypatch, capsys, tmp_path):
    old = tmp_path / "AOC_V2023Q1-MCR.csv"
    old.write_text("primary_code,add_on_code,aoc_edit_type\n22612,22614,1\n")
    assert run(monkeypatch, "pairs", "import", str(old)) == 0
    assert "2023-01-01" in capsys.readouterr().err
