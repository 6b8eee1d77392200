"""`remitlens claims`: the lines of claim files, and what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from click.testing import CliRunner

from server.cli.claims import claims

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "x12"))
import made_837


def test_each_line_is_a_line_of_json(tmp_path: Path) -> None:
    file = tmp_path / "batch.837"
    file.write_bytes(made_837.professional(2))
    result = CliRunner().invoke(claims, ["read", "--json", str(file)])
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["claim"], row["line"], row["procedure"], row["charge"]) for row in rows[:3]] == [
        ("P1", 1, "22614", "1150"),
        ("P1", 2, "99213", "200"),
        ("P1", 3, "20930", "150"),
    ]
    assert rows[1]["modifiers"] == ["25"]
    assert {row["kind"] for row in rows} == {"professional"}
    assert rows[0]["line_control"] == "L1A"
    assert rows[0]["rendering_npi"] == made_837.NPI["rendering"]
    assert rows[0]["billing_npi"] == made_837.NPI["billing"]
    assert len(rows) == 6


def test_the_table_shows_the_same(tmp_path: Path) -> None:
    file = tmp_path / "batch.837"
    file.write_bytes(made_837.institutional())
    lines = CliRunner().invoke(claims, ["read", str(file)]).stdout.splitlines()
    assert lines[1].split() == ["I1", "1", "1", "22614", "2026-01-05", "1", "800", "1234567893"]


def test_a_remittance_is_no_claim_file(tmp_path: Path) -> None:
    file = tmp_path / "x.837"
    file.write_bytes(made_837.professional().replace(b"ST*837", b"ST*835"))
    result = CliRunner().invoke(claims, ["read", str(file)])
    assert result.exit_code == 2
    assert result.stderr.count("no transaction of the kind") == 1
