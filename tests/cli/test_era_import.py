"""`remitlens era import` and `claims import`: the same door as `remitlens import`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import EXAMPLE, Run

REMITTANCE = EXAMPLE / "remittance-1.835"
CLAIMS = EXAMPLE / "claims-p-1.837"
TODAY = ("--today", "2026-03-01")


def test_files_are_taken_once(run: Run) -> None:
    run("keys", "init")
    first = run("era", "import", REMITTANCE, *TODAY)
    assert first.exit_code == 0
    assert "1 new or changed" in first.stdout
    found = json.loads(run("claims", "import", CLAIMS, *TODAY, "--json").stdout)
    assert [(one["kind"], one["new"]) for one in found["files"]] == [("837", 1)]
    again = run("era", "import", REMITTANCE, *TODAY)
    assert again.exit_code == 0
    assert "nothing changed" in again.stdout


def test_what_is_refused_ends_with_the_code_of_import(run: Run, tmp_path: Path) -> None:
    run("keys", "init")
    cut = tmp_path / "cut.835"
    cut.write_bytes(REMITTANCE.read_bytes()[:-30])
    assert run("era", "import", cut).exit_code == 2
    assert run("era", "import", cut, REMITTANCE, *TODAY).exit_code == 1
