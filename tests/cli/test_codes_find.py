"""`remitlens codes find`: what is printed, and what a wrong input gets."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from server.cli import main


def run(monkeypatch: pytest.MonkeyPatch, *args: str, given: str = "") -> int:
    monkeypatch.setattr("sys.argv", ["remitlens", "codes", "find", *args])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_standard_input_gives_place_code_and_kind(monkeypatch, capsys):
    assert run(monkeypatch, given="Denied CO-107, remark N122; CO-999") == 0
    assert capsys.readouterr().out.splitlines() == [
        "7-13\tCO-107\tcarc",
        "22-26\tN122\trarc",
        "28-34\tCO-999\tcarc  (no list names it)",
    ]


def test_html_file_and_json(monkeypatch, capsys, tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text("<table><tr><th>Group<th>Reason<tr><td>CO<td>107</table>")
    assert run(monkeypatch, str(page), "--html", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "codes": [{"code": "CO-107", "kind": "carc", "known": True, "spans": [[11, 13], [13, 16]]}]
    }


def test_jsonl_answers_line_by_line(monkeypatch, capsys):
    given = '{"text": "PR-1"}\n\n{"html": "<p>room 107</p>"}\n'
    given += '{"text": "see X9Z01", "crosswalk": {"X9Z01": "CO-107"}}\n'
    assert run(monkeypatch, "--jsonl", given=given) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        {"codes": [{"code": "PR-1", "kind": "carc", "known": True, "spans": [[0, 4]]}]},
        {"codes": []},
        {"codes": [{"code": "X9Z01", "kind": "payer", "known": True, "spans": [[4, 9]]}]},
    ]


@pytest.mark.parametrize("name", ["walk.json", "walk.toml"])
def test_crosswalk_file(monkeypatch, capsys, tmp_path: Path, name: str):
    walk = tmp_path / name
    walk.write_text('{"ABC12": "CO-107"}' if name.endswith("json") else 'ABC12 = "CO-107"\n')
    assert run(monkeypatch, "--crosswalk", str(walk), given="EOB ABC12 on line 2") == 0
    assert capsys.readouterr().out == "4-9\tABC12\tpayer\n"


@pytest.mark.parametrize(
    ("args", "given", "said"),
    [
        (("--jsonl",), "not json\n", "line 1: not JSON"),
        (("--jsonl",), '{"text": "a"}\n[1]\n', "line 2: expected"),
        (("--jsonl",), '{"text": 5}\n', "line 1: expected"),
        (("--jsonl",), '{"text": "a", "html": "b"}\n', "line 1: expected"),
        (("--jsonl",), '{"text": "a", "crosswalk": {"A": 1}}\n', "line 1: crosswalk"),
        (("--jsonl", "--html"), "", "leave --html"),
        (("/no/such/file",), "", "no such file"),
    ],
)
def test_wrong_input_gets_one_line_and_exit_2(monkeypatch, capsys, args, given, said):
    assert run(monkeypatch, *args, given=given) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_too_large_an_input(monkeypatch, capsys):
    monkeypatch.setattr("server.cli.codes_find._limit", lambda: 10)
    assert run(monkeypatch, given="x" * 11) == 2
    assert "larger than" in capsys.readouterr().err
    assert run(monkeypatch, "--jsonl", given='{"text": "long enough"}\n') == 2
    assert "line 1: longer than" in capsys.readouterr().err


def test_any_bytes_are_read(monkeypatch, capsys, tmp_path: Path):
    file = tmp_path / "export.txt"
    file.write_bytes(b"\xe9tage CO-107")
    assert run(monkeypatch, str(file)) == 0
    assert capsys.readouterr().out == "6-12\tCO-107\tcarc\n"
    file.write_bytes("CO-107".encode("utf-16"))
    assert run(monkeypatch, str(file)) == 0
    assert capsys.readouterr().out == "0-6\tCO-107\tcarc\n"
