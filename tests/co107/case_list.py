"""Every case of `cases/`, told in the records of `builders`. Run this file to write them anew.

What should come out is written by hand in `listed/`, a file a few rows. `C1` is the claim in
question unless said otherwise, 22614 (an added spinal level) the add-on, 22612 its primary, today
2026-03-01.
"""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.co107.case_files import write
from tests.co107.listed.words import ALL

CASES = Path(__file__).resolve().parent / "cases"
ROOMS = ("answers", "codes", "references", "primaries", "charges", "routes")

if __name__ == "__main__":
    for room in ROOMS:
        importlib.import_module(f"tests.co107.listed.{room}")
    shutil.rmtree(CASES, ignore_errors=True)
    for each in ALL:
        write(each, CASES)
    assert len({each.name for each in ALL}) == len(ALL), "two cases of one name"
    print(len(ALL), "cases written")
