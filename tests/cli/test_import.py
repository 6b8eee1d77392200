"""`remitlens import`."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

from tests.cli.conftest import EXAMPLE, Run

FILES = [EXAMPLE / name for name in ("remittance-1.835", "claims-p-1.837", "charges.csv")]
TODAY = ("--today", "2026-03-01")


def test_without_a_key_it_is_one_line(run: Run) -> None:
    done = run("import", *FILES)
    assert done.exit_code == 2
    assert "keys init" in done.stderr


def test_table_and_lines(run: Run) -> None:
    run("keys", "init")
    done = run("import", *FILES, *TODAY)
    assert done.exit_code == 0
    for word in ("remittance-1.835", "taken", "ready", "primary_not_billed", "2026-08-09"):
        assert word in done.stdout
    assert "1 new or changed" in done.stdout
    again = run("import", *FILES, *TODAY)
    assert again.exit_code == 0
    assert "nothing changed" in again.stdout


def test_json(run: Run) -> None:
    run("keys", "init")
    found = json.loads(run("import", *FILES, *TODAY, "--json").stdout)
    assert {one["kind"]: one["new"] for one in found["files"]} == {
        "835": 1, "837": 1, "charges": 1,
    }  # fmt: skip
    assert found["changed"] == [1]
    line = found["lines"][0]
    assert (line["state"], line["route"], line["deadline"]) == (
        "ready", "replacement_claim", "2026-08-09",
    )  # fmt: skip


def test_exit_codes(run: Run, tmp_path: Path) -> None:
    run("keys", "init")
    page = tmp_path / "page.835"
    page.write_text("<html>sign in</html>")
    some = run("import", FILES[0], page)
    assert some.exit_code == 1
    assert "refused" in some.stdout
    assert run("import", page).exit_code == 2
    missing = run("import", tmp_path / "none.835")
    assert missing.exit_code == 2
    assert "none.835" in missing.stderr + missing.stdout


def test_folders_and_archives(run: Run, tmp_path: Path) -> None:
    run("keys", "init")
    packed = tmp_path / "in"
    packed.mkdir()
    (packed / "r.835.gz").write_bytes(gzip.compress(FILES[0].read_bytes()))
    with zipfile.ZipFile(packed / "rest.zip", "w") as archive:
        for file in FILES[1:]:
            archive.write(file, file.name)
    done = run("import", packed, *TODAY)
    assert done.exit_code == 0
    assert "primary_not_billed" in done.stdout


def test_real_files(run: Run, shared_data: Path) -> None:
    run("keys", "init")
    done = run("import", shared_data / "835", "--json")
    found = json.loads(done.stdout)
    assert len(found["files"]) == 20
    assert all(one["taken"] or one["reason"] for one in found["files"])
    assert len(found["lines"]) == 1
    again = json.loads(run("import", shared_data / "835", "--json").stdout)
    assert again["changed"] == []
    assert sum(one["new"] for one in again["files"]) == 0
