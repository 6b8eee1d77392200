"""`remitlens codes`: what is shown and found, and what an import changes or leaves untouched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import official_store
from server.cli import main
from server.codes.lookup import catalogue
from server.settings import settings

HEADER = "code,description,usage,notes,start_date,last_modified,end_date\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("REMITLENS_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run `remitlens ARGS`; answers exit code, standard output, standard error."""

    def call(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["remitlens", "codes", *args])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def invented(tmp_path: Path, change: dict[str, str] | None = None, name: str = "list.csv") -> Path:
    """A whole list of reason codes in invented words, with some rows changed."""
    rows = {code: f"{code},Invented text of {code},,,1995-01-01,," for code in catalogue().carc}
    rows |= change or {}
    file = tmp_path / name
    file.write_text(HEADER + "\n".join(rows.values()) + "\n", encoding="utf-8")
    return file


def test_show_explains_a_code_in_plain_lines_for_a_pipe(run) -> None:
    code, out, err = run("show", "co 107")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"CO-107: {catalogue().carc['107'].title}"
    assert any(line.startswith("who bears it: CO ") for line in lines)
    assert any(line.startswith("what to do: 1. ") for line in lines)
    assert "\x1b" not in out
    assert not any(line.startswith("official text") for line in lines)


def test_show_takes_several_codes_of_every_kind(run) -> None:
    code, out, _ = run("show", "N122", "CO", "15")
    assert code == 0
    assert "for a co-107: " in out
    assert "bill the patient: Never." in out
    assert "ended: 2018-05-01; now 197, 284, 296" in out


def test_show_as_json_is_one_object_for_one_code_and_a_list_for_more(run) -> None:
    one = json.loads(run("show", "CO-107", "--json")[1])
    assert (one["code"], one["kind"], one["appealable"]) == ("CO-107", "carc", "depends")
    assert "official" not in one
    both = json.loads(run("show", "CO-107", "N122", "--json")[1])
    assert [item["code"] for item in both] == ["CO-107", "N122"]


def test_show_draws_a_sheet_on_a_terminal(run, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run("show", "CO-107")
    assert code == 0
    assert "Not the same as" in out
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
    assert max(len(line) for line in plain.splitlines()) <= 80


@pytest.mark.parametrize("text", ["CO-999", "999", "hello", "", "x" * 5000])
def test_an_unknown_code_is_one_line_and_exit_2(run, text: str) -> None:
    code, out, err = run("show", text)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "no code" in err
    assert len(err) < 200


def test_search_lists_codes_best_first(run) -> None:
    code, out, _ = run("search", "add-on")
    assert code == 0
    assert out.splitlines()[0].startswith("107\t")
    answer = json.loads(run("search", "timely", "filing", "--limit", "2", "--json")[1])
    assert answer["query"] == "timely filing"
    assert answer["found"][0]["code"] == "29"
    assert len(answer["found"]) == 2


def test_search_that_finds_nothing_says_so_with_exit_1(run) -> None:
    assert run("search", "qqqzzz") == (1, "", "nothing found\n")
    code, out, _ = run("search", "qqqzzz", "--json")
    assert (code, json.loads(out)["found"]) == (1, [])


def test_an_imported_list_is_shown_and_a_newer_one_reports_what_changed(run, tmp_path) -> None:
    code, out, err = run("import", str(invented(tmp_path)))
    assert (code, err) == (0, "")
    assert out == f"CARC list: {len(catalogue().carc)} codes loaded\n"
    assert "official text: Invented text of 107" in run("show", "CO-107")[1]
    assert json.loads(run("show", "107", "--json")[1])["official"]["started"] == "1995-01-01"
    assert "official text" not in run("show", "N122")[1]

    assert "nothing changed" in run("import", str(invented(tmp_path)))[1]

    newer = {
        "107": "107,Other words,,,1995-01-01,2026-01-01,",
        "45": "45,Invented text of 45,,,1995-01-01,,2020-01-01",
        "399": "399,A new one,,,2026-01-01,,",
    }
    out = run("import", str(invented(tmp_path, newer)))[1]
    assert "1 added, 1 changed, 1 ended" in out
    assert "  added: 399\n  changed: 107\n  ended: 45\n" in out
    assert "  not yet in our words: 399\n" in out
    assert "official text: Other words" in run("show", "CO-107")[1]

    summary = json.loads(run("import", str(invented(tmp_path)), "--json")[1])
    assert (summary["list"], summary["changed"], summary["gone"]) == (
        "carc",
        ["45", "107"],
        ["399"],
    )
    assert summary["first"] is False


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"<html><body>Service unavailable</body></html>", "web page"),
        (b"add_on,primary\n22614,22612\n", "no columns"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ((HEADER + "1,Text,,,1995-01-01,,\n2,Text,,,1995").encode(), "line 3"),
        ((HEADER + "1,Text,,,1995-01-01,,\n").encode(), "cut off"),
        (b"0" * (17 * 2**20), "MB"),
    ],
    ids=["empty", "error page", "other columns", "not utf-8", "cut", "cut at a row", "too large"],
)
def test_a_wrong_file_changes_nothing(run, home, tmp_path, content: bytes, says: str) -> None:
    run("import", str(invented(tmp_path)))
    stored = official_store.list_file(home, "carc")
    before = stored.read_bytes()
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(content)
    code, out, err = run("import", str(wrong))
    assert (code, out) == (2, "")
    assert err.startswith("remitlens: wrong.csv: ")
    assert err.count("\n") == 1
    assert says in err
    assert stored.read_bytes() == before
    assert [item.name for item in stored.parent.iterdir()] == ["carc.json"]


def test_a_huge_sparse_file_is_not_read_whole(run, tmp_path) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as stream:
        stream.truncate(200 * 2**20)
    code, _, err = run("import", str(huge))
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_is_one_line(run, tmp_path, name: str) -> None:
    code, _, err = run("import", str(tmp_path / name))
    assert (code, err.count("\n")) == (2, 1)


def test_part_of_a_list_is_loaded_where_asked_for(run, tmp_path) -> None:
    part = tmp_path / "part.csv"
    part.write_text(HEADER + "N122,Invented text,,,1995-01-01,,\n")
    assert run("import", str(part))[0] == 2
    assert run("import", "--partial", str(part)) == (0, "RARC list: 1 codes loaded\n", "")
    assert "official text: Invented text" in run("show", "N122")[1]


def test_a_damaged_store_is_told_and_an_import_mends_it(run, home, tmp_path) -> None:
    run("import", str(invented(tmp_path)))
    official_store.list_file(home, "carc").write_text("{")
    code, out, err = run("show", "CO-107")
    assert code == 0
    assert out.startswith("CO-107: ")
    assert err.startswith("warning: ")
    assert "damaged" in err
    assert run("import", str(invented(tmp_path)))[0] == 0
    assert "official text" in run("show", "CO-107")[1]


def test_a_home_that_cannot_be_written_is_one_line(run, home, tmp_path) -> None:
    home.write_text("a file where the folder should be")
    code, _, err = run("import", str(invented(tmp_path)))
    assert (code, err.count("\n")) == (2, 1)
    assert "cannot be written" in err or "cannot be read" in err or "damaged" in err
