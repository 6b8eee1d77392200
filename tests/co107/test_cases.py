"""The cases kept as plain files: every one comes out as it says, and every row has two."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.case_folders import CaseFolder, Outcome, case_folders, read_case, run_case, shown
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
    bad, good = map(json.loads, ran.stdout.splitlines())
    assert (bad["case"], bad["lines"]) == ("6e-primary-paid", [])
    assert "case.toml" in bad["error"]
    assert good["case"] == "6j-worked-example"
    assert good["lines"][0]["state"] == "ready"


def test_an_error_nobody_foresaw_is_the_cases_own(tmp_path: Path, monkeypatch) -> None:
    copy_case(tmp_path)
    copy_case(tmp_path, "6e-primary-paid")

    def broken(case: CaseFolder) -> Outcome:
        if case.name == "6e-primary-paid":
            raise ZeroDivisionError("ROE ANNA M100")
        return run_case(case)

    monkeypatch.setattr("server.cli.cases.run_case", broken)
    ran = invoke(str(tmp_path))
    assert ran.exit_code == 2
    assert "6j-worked-example: as expected" in ran.stdout
    assert ran.stderr.splitlines() == [
        f"remitlens: {tmp_path}/6e-primary-paid: cannot be decided (ZeroDivisionError)"
    ]


def test_expectations_ill_written_do_not_hide_the_lines(tmp_path: Path) -> None:
    file = copy_case(tmp_path) / "case.toml"
    file.write_text('today = 2026-03-01\nexpected = [{ procedure = "22614" }]\n')
    ran = invoke(str(tmp_path), "--json")
    assert ran.exit_code == 2
    assert json.loads(ran.stdout)["lines"][0]["state"] == "ready"
    assert "case.toml:2: expected: an entry names no claim" in ran.stderr


def test_cases_in_a_case_and_at_any_depth(tmp_path: Path) -> None:
    outer = copy_case(tmp_path)
    copy_case(outer / "more" / "yet")
    names = [name for name, _ in case_folders(outer)]
    assert names == ["6j-worked-example", "more/yet/6j-worked-example"]
    assert invoke(str(outer)).exit_code == 0


def test_a_folder_without_its_case_file_is_told(tmp_path: Path) -> None:
    copy_case(tmp_path)
    (copy_case(tmp_path, "6e-primary-paid") / "case.toml").unlink()
    ran = invoke(str(tmp_path))
    assert ran.exit_code == 2
    assert ran.stderr.splitlines() == [
        f"remitlens: {tmp_path}/6e-primary-paid/case.toml: no such file"
    ]


CHARGES = (
    "patient_id,claim_id,service_date,procedure,modifiers,units,charge,rendering_npi,billing_npi,"
    "signed_off,signed_at"
)
CHARGE = "M100,,2026-01-15,22612,,1,4000.00,1111111112,9999999991,{},{}"
PAIRS = "add_on,primary,type,valid_from,valid_to"


def remade(folder: Path, name: str, content: str | bytes) -> None:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def as_crlf(folder: Path) -> None:
    for file in folder.rglob("*.*"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def with_mark(folder: Path) -> None:
    for file in folder.rglob("*.*"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())


def in_one_row(folder: Path) -> None:
    for file in folder.glob("*.83?"):
        file.write_bytes(file.read_bytes().replace(b"\n", b""))


def quoted(folder: Path) -> None:
    for name in ("charges.csv", "pairs.csv"):
        rows = (folder / name).read_text().splitlines()
        cells = (",".join(f'"{cell}"' for cell in row.split(",")) for row in rows)
        remade(folder, name, "\r\n".join(cells))


def in_capitals(folder: Path) -> None:
    (folder / "remittance-1.835").rename(folder / "REMITTANCE.835")
    (folder / "claims-p-1.837").rename(folder / "CLAIMS.837")
    (folder / "z.835").symlink_to(folder / "REMITTANCE.835")


def with_strangers(folder: Path) -> None:
    for name in ("notes.txt", "._remittance-1.835", "raw/cut.835", "raw/README"):
        remade(folder, name, b"\0\1")


def more_in_case_file(folder: Path) -> None:
    text = (folder / "case.toml").read_text()
    remade(folder, "case.toml", f'title = "x"\nnumber = 7\n{text}\n[author]\nname = "x"\n')


ODD = {
    "as_crlf": as_crlf,
    "with_mark": with_mark,
    "in_one_row": in_one_row,
    "quoted": quoted,
    "in_capitals": in_capitals,
    "with_strangers": with_strangers,
    "more_in_case_file": more_in_case_file,
} | {
    f"{name} {content[:30]!r}": lambda folder, name=name, content=content: remade(
        folder, name, content
    )
    for name, content in (
        ("sent.csv", ""),
        ("sent.csv", "claim,procedure,sent_on,kind\n"),
        ("observations.json", ""),
        ("observations.json", "[]"),
        ("observations.json", '[{"payer": "MRD01", "claim": "C1", "looked_at": "2026-02-28"}]'),
        (
            "observations.json",
            '[{"payer": "meridian", "claim": "C1", "looked_at": "2026-02-28T08:00:00Z", '
            '"outcome": "FOUND", "lines": null, "more": {"a": 1}}]',
        ),
        ("pairs.csv", f"{PAIRS}\n22614,22612,1,,\n"),
        ("pairs.csv", "add_on,primary,type\n22614,22612,1\n"),
        ("charges.csv", f"{CHARGES.upper()}\n{CHARGE.format('YES', '')}\n\n,,,\n"),
        ("payers/other.toml", 'replacement_claims = { source = "asked", checked = 2026-01-02 }\n'),
    )
}


@pytest.mark.parametrize("change", ODD.values(), ids=ODD)
def test_odd_files_are_read_all_the_same(tmp_path: Path, change) -> None:
    change(copy_case(tmp_path))
    ran = invoke(str(tmp_path))
    assert (ran.exit_code, ran.stderr) == (0, "")


@pytest.mark.parametrize("word", ["yes", "Yes", "Y", "y", "TRUE", "true", "1", "x"])
@pytest.mark.parametrize(
    "at",
    [
        *("", "2026-01-16", "2026-01-16T09:00", "2026-01-16 09:00:00", "2026-01-16T09:00:00Z"),
        *("2026-01-16T09:00:00.5-05:00", "20260116", "01/16/2026", "01/16/2026 09:00"),
        *("1/16/2026 9:00:05", "01/16/2026 09:00 AM"),
    ],
)
def test_signed_off_in_many_spellings(tmp_path: Path, word: str, at: str) -> None:
    remade(copy_case(tmp_path), "charges.csv", f"{CHARGES}\n{CHARGE.format(word, at)}")
    assert invoke(str(tmp_path)).exit_code == 0


@pytest.mark.parametrize("word", ["no", "NO", "N", "n", "false", "FALSE", "0", ""])
def test_not_signed_off_in_many_spellings(tmp_path: Path, word: str) -> None:
    folder = copy_case(tmp_path)
    remade(folder, "charges.csv", f"{CHARGES}\n{CHARGE.format(word, '2026-01-16')}")
    ran = invoke(str(tmp_path), "--json")
    assert json.loads(ran.stdout)["lines"][0]["reason"] == "primary_not_documented"


@pytest.mark.parametrize("name", ["charges.csv", "sent.csv", "pairs.csv", "x.835", "case.toml"])
def test_a_folder_where_a_file_should_be(tmp_path: Path, name: str) -> None:
    folder = copy_case(tmp_path / "bad")
    copy_case(tmp_path / "good")
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir()
    ran = invoke(str(tmp_path))
    assert ran.exit_code == 2
    assert name in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert "good/6j-worked-example: as expected" in ran.stdout


def test_payers_that_are_no_folder(tmp_path: Path) -> None:
    folder = copy_case(tmp_path)
    (folder / "payers").rename(folder / "elsewhere")
    (folder / "payers").write_text("")
    ran = invoke(str(folder))
    assert ran.exit_code == 2
    assert "payers: not a folder" in ran.stderr
    (folder / "payers").unlink()
    assert "route_unknown" in invoke(str(folder)).stdout


def test_no_case_at_all_is_a_plain_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no case\.toml"):
        case_folders(tmp_path)
    with pytest.raises(UserError, match=r"no such folder"):
        case_folders(tmp_path / "gone")
