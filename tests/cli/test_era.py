"""`remitlens era`: rows against the raw segments, findings, exit codes."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from server.cli.era import era
from server.facts import Adjustment
from server.intake.eob import read_eobs

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "835"
HEAD = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *260210*1200*^*00501*"
    "000000905*0*P*:~GS*HP*P*C*20260210*1200*77*X*005010X221A1~ST*835*0001~"
    "BPR*I*80.10*C*CHK************20260212~TRN*1*E1*1123456789~DTM*405*20260209~"
    "N1*PR*MERIDIAN*XV*MERID~N1*PE*CLINIC*XX*1234567893~LX*1~"
)
CLAIM = (
    "CLP*A1*19*1310.10*80.10**12*PCN1*11*1~NM1*QC*1*DOE*JANE****MI*M1~MOA***MA130*N522~"
    "DTM*232*20260105~DTM*233*20260106~"
    "SVC*HC:22614*1150.00*0**1**2~CAS*CO*107*1000.00*1*45*150~REF*6R*L1~LQ*HE*N122~LQ*HE*N674~"
    "SVC*HC:99213:25*160.10*80.10**1~DTM*472*20260105~CAS*PR*1*10*****3*70.00~AMT*B6*160.10~"
    "CLP*A2*22*-50*0**12*PCN2~CAS*CR*45*-50~NM1*QC*1*DOE*JANE****MI*M1~DTM*232*20260107~"
)


def remittance(claims: str = CLAIM) -> bytes:
    body = HEAD + claims
    count = body.split("ST*835")[1].count("~") + 1
    return (body + f"SE*{count}*0001~GE*1*77~IEA*1*000000905~").encode()


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(era, [str(a) for a in arguments])


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "week.835"
    path.write_bytes(remittance())
    return path


def test_each_adjustment_is_a_line_of_json(file: Path) -> None:
    result = run("read", "--json", file)
    assert result.exit_code == 0
    found = rows(result)
    keys = ("claim", "status", "procedure", "modifiers", "date", "charge", "paid", "group", "carc")
    assert [tuple(row[key] for key in (*keys, "amount", "quantity")) for row in found] == [
        ("A1", "19", "22614", [], "2026-01-05", "1150.00", "0", "CO", "107", "1000.00", "1"),
        ("A1", "19", "22614", [], "2026-01-05", "1150.00", "0", "CO", "45", "150", None),
        ("A1", "19", "99213", ["25"], "2026-01-05", "160.10", "80.10", "PR", "1", "10", None),
        ("A1", "19", "99213", ["25"], "2026-01-05", "160.10", "80.10", "PR", "3", "70.00", None),
        ("A2", "22", None, [], "2026-01-07", "-50", "0", "CR", "45", "-50", None),
    ]
    assert found[0]["rarcs"] == ["N122", "N674"]
    assert found[0]["claim_rarcs"] == ["MA130", "N522"]
    assert found[0]["units"] == "2"
    assert found[0]["last_date"] == "2026-01-06"
    assert found[2]["allowed"] == "160.10"
    assert {row["payer_claim_control_number"] for row in found} == {"PCN1", "PCN2"}
    assert [row["line_control"] for row in found] == ["L1", "L1", None, None, None]


def test_a_line_without_adjustment_is_a_line_too(tmp_path: Path) -> None:
    file = tmp_path / "x.835"
    file.write_bytes(
        remittance("CLP*A*1*80.10*80.10**12*P~SVC*NU:0450*80.10*80.10~CLP*B*4*0*0**12*Q~")
    )
    found = rows(run("read", "--json", file))
    assert [
        (row["claim"], row["procedure"], row["revenue_code"], row["carc"]) for row in found
    ] == [
        ("A", "0450", "0450", None),
        ("B", None, None, None),
    ]


def test_a_claims_own_row_bears_the_claims_remarks(tmp_path: Path) -> None:
    file = tmp_path / "x.835"
    file.write_bytes(
        remittance("CLP*A*1*100*80.10**12*P~CAS*CO*45*19.9~MOA***MA01~SVC*HC:1*100*100~LQ*HE*N1~")
    )
    found = rows(run("read", "--json", file))
    assert [(row["carc"], row["rarcs"], row["claim_rarcs"]) for row in found] == [
        ("45", ["MA01"], ["MA01"]),
        (None, ["N1"], ["MA01"]),
    ]


def test_a_file_without_a_claim_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.835"
    file.write_bytes(remittance(""))
    result = run("read", "--json", file)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "remitlens: x.835: the file holds no claim\n"


def test_the_table_shows_the_same(file: Path) -> None:
    lines = run("read", file).stdout.splitlines()
    assert lines[0].split()[:3] == ["claim", "status", "procedure"]
    assert lines[1].split() == [
        "A1", "19", "22614", "2026-01-05", "1150.00", "0", "CO", "107", "1000.00", "N122", "N674",
    ]  # fmt: skip


def test_of_a_truncated_file_nothing_is_printed(tmp_path: Path, file: Path) -> None:
    cut = tmp_path / "cut.835"
    cut.write_bytes(remittance()[:-40])
    result = run("read", "--json", cut, file)
    assert result.exit_code == 2
    assert {row["file"] for row in rows(result)} == {"week.835"}
    assert re.fullmatch(r"remitlens: cut.835: segment \d+: the file ends.*\n", result.stderr)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"<!DOCTYPE html><p>Sign in", "HTML"),
        (b"hello", "not X12"),
        (remittance().replace(b"*835*", b"*837*"), "no transaction of the kind"),
        (remittance().replace(b"1000.00", b"1000,00"), "no number"),
        (gzip.compress(b"x")[:-3], "damaged gzip"),
    ],
)
def test_what_cannot_be_taken_is_named_in_one_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "bad.835"
    file.write_bytes(content)
    result = run("read", "--json", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert reason in result.stderr
    check = run("check", file)
    assert check.exit_code == 2
    assert "nothing of this file is taken" in check.stdout


def test_check_says_what_is_wrong_and_where(tmp_path: Path, file: Path) -> None:
    assert run("check", file).stdout == "week.835: nothing found\n"
    assert run("check", file).exit_code == 0
    odd = tmp_path / "odd.835"
    odd.write_bytes(remittance().replace(b"CAS*CO*107*1000.00", b"CAS*CO*107*1000.01"))
    result = run("check", odd)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "odd.835: error: segment 10: charge less adjustments is not what was paid for the claim "
        "[claim_balance]",
        "odd.835: error: segment 15: charge less adjustments is not what was paid for the line "
        "[line_balance]",
    ]
    (first, _) = rows(run("check", "--json", odd))
    assert first["code"] == "claim_balance"
    assert odd.read_bytes()[first["start"] : first["end"]].startswith(b"CLP*A1*")


def test_folders_and_archives(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.835").write_bytes(remittance())
    (folder / "b.835.gz").write_bytes(gzip.compress(remittance()))
    found = rows(run("read", "--json", folder))
    assert [row["file"] for row in found] == ["a.835"] * 5 + ["b.835"] * 5


def test_the_template_for_paper_is_read_back() -> None:
    result = run("template")
    (answer,) = read_eobs(result.stdout.encode(), "paper.csv")
    (line,) = answer.lines
    assert (answer.claim, answer.produced) == ("ACC-1", date(2026, 2, 9))
    assert (line.procedure, line.modifiers, line.charge) == ("22614", ("59",), Decimal(1150))
    assert line.adjustments == (Adjustment("CO", "107", Decimal(1150)),)
    assert line.remarks == ("N122",)
    assert (line.line_control, line.rendering_npi) == ("L1", "1679576722")
    assert line.source.kind == "hand"


def test_a_path_that_names_nothing_ends_the_command_with_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "server.cli", "era", "read", str(tmp_path / "nix")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"remitlens: .*nix: no such file or folder\n", done.stderr)


def test_the_exit_code_reaches_the_shell(tmp_path: Path) -> None:
    file = tmp_path / "x.835"
    file.write_bytes(b"no")
    command = [sys.executable, "-m", "server.cli", "era", "check", str(file)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


def test_a_reader_that_leaves_is_no_error(file: Path) -> None:
    file.write_bytes(remittance("".join(CLAIM for _ in range(3000))))
    command = f"{sys.executable} -m server.cli era read --json {file} | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no public sample files beside the repository")
def test_rows_of_the_public_files_against_their_raw_segments() -> None:
    """Counted and added up from the text with `split`, apart from the reader."""
    for name in sorted(os.listdir(SAMPLES)):
        result = run("read", "--json", SAMPLES / name)
        if name == "tigershark__sample_835.txt":
            assert result.exit_code == 2
            continue
        assert result.exit_code == 0, name
        found = [row for row in rows(result) if row["carc"] is not None]
        expected = naive_adjustments((SAMPLES / name).read_text("utf-8-sig"))
        assert [
            (row["group"], row["carc"], Decimal(row["amount"]), row["quantity"]) for row in found
        ] == expected, name


def naive_adjustments(text: str) -> list[tuple[str, str, Decimal, str | None]]:
    separator = "|" if "|CLP" in text or "~CLP|" in text else "*"
    pieces = [piece.strip() for piece in re.split("[~\r\n]", text)]
    found = []
    for piece in pieces:
        name, *e = piece.split(separator)
        if name == "CAS":
            e += [""] * 2
            for at in range(1, len(e) - 2, 3):
                if e[at]:
                    found.append((e[0], e[at], Decimal(e[at + 1]), e[at + 2] or None))
    return found
