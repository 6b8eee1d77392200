"""The cases kept as plain files: every one comes out as it says, and every row has two."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.case_folders import CaseFolder, case_folders, read_case, run_case, shown
from server.cli.cases import cases
from server.co107 import cause, rows
from server.errors import UserError
from server.pair_store import read_pairs

HERE = Path(__file__).resolve().parent / "cases"
STARTER = Path(__file__).resolve().parents[2] / "config/pairs/starter.csv"
FOLDERS = case_folders(HERE)


@pytest.fixture(scope="module")
def starter():
    return read_pairs(STARTER, starter=True)


def read(folder: Path, starter) -> CaseFolder:
    return read_case(folder.name, folder, starter)


@pytest.mark.parametrize("folder", [path for _, path in FOLDERS], ids=[n for n, _ in FOLDERS])
def test_comes_out_as_it_says(folder: Path, starter) -> None:
    outcome = run_case(read(folder, starter))
    assert not outcome.differences
    assert not outcome.unexpected


def test_every_row_decides_in_two_cases_at_least(starter) -> None:
    deciding: Counter[str] = Counter()
    for _, folder in FOLDERS:
        for line in run_case(read(folder, starter)).lines:
            deciding[[step.row for step in line.decision.steps if step.matched][-1]] += 1
    named = {row for row, _ in (*rows.ROWS, *cause.ROWS)}
    wanted = named - {"6d"} | {"6d", "7", "8a", "8b"}
    few = {row: deciding[row] for row in wanted if deciding[row] < 2 and row not in ("6j",)}
    assert not few


def test_every_reason_of_the_table_comes_out_somewhere(starter) -> None:
    reasons = {
        line.decision.reason
        for _, folder in FOLDERS
        for line in run_case(read(folder, starter)).lines
    }
    readme = (Path(rows.__file__).parent / "README.md").read_text()
    assert reasons == set(re.findall(r"^\| `(\w+)` \|", readme, re.M))


def test_every_case_tells_its_story() -> None:
    for _, folder in FOLDERS:
        text = (folder / "case.toml").read_text()
        assert text.startswith("# "), folder.name


def test_json_prints_one_object_a_case() -> None:
    ran = CliRunner().invoke(cases, ["run", str(HERE), "--json"])
    assert ran.exit_code == 0
    printed = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [one["case"] for one in printed] == [name for name, _ in FOLDERS]
    example = next(one for one in printed if one["case"] == "6j-worked-example")
    assert example["lines"] == [
        {
            "claim": "C1",
            "procedure": "22614",
            "line_control": "L1",
            "state": "ready",
            "reason": "primary_not_billed",
            "route": "replacement_claim",
            "deadline": "2026-08-09",
        }
    ]


def copy_case(tmp_path: Path, name: str = "6j-worked-example") -> Path:
    target = tmp_path / name
    for file in sorted((HERE / name).rglob("*")):
        if file.is_file():
            place = target / file.relative_to(HERE / name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read_bytes())
    return target


def invoke(*arguments: str):
    return CliRunner().invoke(cases, ["run", *arguments])


def test_a_single_folder_is_a_case_too(tmp_path: Path) -> None:
    ran = invoke(str(copy_case(tmp_path)))
    assert ran.exit_code == 0
    assert "6j-worked-example: as expected" in ran.stdout


def test_a_difference_is_shown_and_exits_1(tmp_path: Path) -> None:
    file = copy_case(tmp_path) / "case.toml"
    file.write_text(file.read_text().replace('"ready"', '"review"'))
    ran = invoke(str(tmp_path))
    assert ran.exit_code == 1
    assert "state: expected review, found ready" in ran.stdout


def test_a_missing_line_is_a_difference(tmp_path: Path) -> None:
    file = copy_case(tmp_path) / "case.toml"
    file.write_text(file.read_text().replace('"22614"', '"99213"'))
    ran = invoke(str(tmp_path))
    assert ran.exit_code == 1
    assert "line: expected a line, found none" in ran.stdout


def test_no_line_expected_and_one_found_is_a_difference(tmp_path: Path) -> None:
    file = copy_case(tmp_path) / "case.toml"
    file.write_text("today = 2026-03-01\nexpected = []\n")
    assert invoke(str(tmp_path)).exit_code == 1


def test_without_expectations_the_lines_are_printed(tmp_path: Path) -> None:
    file = copy_case(tmp_path) / "case.toml"
    file.write_text('today = "2026-03-01"\n')
    ran = invoke(str(tmp_path))
    assert ran.exit_code == 0
    assert "ready" in ran.stdout


def test_expected_as_one_list_of_tables(tmp_path: Path) -> None:
    file = copy_case(tmp_path) / "case.toml"
    file.write_text(
        'today = 2026-03-01\nexpected = [{claim = "C1", procedure = "22614", state = "ready", '
        'deadline = "2026-08-09"}]\n'
    )
    assert invoke(str(tmp_path)).exit_code == 0


def test_without_pairs_the_starter_counts(tmp_path: Path, starter) -> None:
    folder = copy_case(tmp_path)
    (folder / "pairs.csv").unlink()
    outcome = run_case(read(folder, starter))
    assert [shown(line)["state"] for line in outcome.lines] == ["ready"]


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("case.toml", b"today = \n", "case.toml"),
        ("case.toml", b'today = "soon"\n', "case.toml:1: today"),
        ("case.toml", b"today = 2026-03-01\nswept = 5\n", "case.toml:2: swept"),
        ("case.toml", b"today = 2026-03-01\nexpected = 5\n", "case.toml:2: expected"),
        ("remittance-1.835", b"<html>please sign in</html>", "remittance-1.835"),
        ("remittance-1.835", b"", "remittance-1.835"),
        ("claims-p-1.837", b"ISA*00*", "claims-p-1.837"),
        ("charges.csv", b"a,b\n1,2\n", "charges.csv:1: no column patient_id"),
        ("charges.csv", b"\x00\x01\x02", "charges.csv"),
        ("observations.json", b"{", "observations.json"),
        ("sent.csv", b"claim,sent_on,kind\nC1,someday,claim\n", "sent.csv:2: column sent_on"),
        ("payers/meridian.toml", b"reopening = 7\n", "meridian.toml:1: reopening"),
        ("pairs.csv", b"nothing\n", "6j-worked-example: pairs.csv"),
    ],
)
def test_unreadable_input_is_one_line_and_exit_2(
    tmp_path: Path, file: str, content: bytes, says: str
) -> None:
    (copy_case(tmp_path) / file).write_bytes(content)
    ran = invoke(str(tmp_path))
    assert ran.exit_code == 2
    lines = ran.stderr.strip().splitlines()
    assert len(lines) == 1
    assert says in lines[0]


def test_one_bad_case_does_not_hide_the_others(tmp_path: Path) -> None:
    copy_case(tmp_path)
    (copy_case(tmp_path, "6e-primary-paid") / "case.toml").write_text("today = x")
    ran = invoke(str(tmp_path), "--json")
    assert ran.exit_code == 2
    assert [json.loads(line)["case"] for line in ran.stdout.splitlines()] == ["6j-worked-example"]


def test_no_case_at_all_is_a_plain_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no case\.toml"):
        case_folders(tmp_path)
    with pytest.raises(UserError, match=r"no such folder"):
        case_folders(tmp_path / "gone")
