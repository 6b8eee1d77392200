"""The worked example of the decision, as a config folder and files to take in."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests/co107/cases"
FILES = ("claims-p-1.837", "remittance-1.835", "charges.csv")


def config_of(case: Path, folder: Path) -> Path:
    """A config folder with a case's payers and pairs."""
    shutil.copytree(case / "payers", folder / "payers")
    (folder / "pairs").mkdir()
    pairs = case / "pairs.csv"
    shutil.copy(pairs if pairs.is_file() else ROOT / "config/pairs/starter.csv",
                folder / "pairs/starter.csv")  # fmt: skip
    (folder / "settings.toml").write_text("")
    return folder


def files_of(case: Path) -> list[tuple[str, bytes]]:
    """What there is to take in, by name."""
    kinds = (".835", ".837", ".csv")
    return [
        (file.name, file.read_bytes())
        for file in sorted(case.iterdir())
        if file.suffix in kinds and file.name != "pairs.csv"
    ]
