"""What every case tells a person, word by word: the row that decided, and the evidence.

`told.jsonl` holds it, one line of a claim a row. After a wanted change of words:
`python tests/co107/test_told.py` writes it anew; read the difference before you keep it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from server.case_folders import case_folders, read_case, run_case  # noqa: E402
from server.co107.decision import Decided, Evidence  # noqa: E402
from server.co107.pairs import PairTable  # noqa: E402
from server.pair_store import read_pairs  # noqa: E402

FILE = HERE / "told.jsonl"
STARTER = HERE.parents[1] / "config/pairs/starter.csv"
FOLDERS = case_folders(HERE / "cases")
IN_FULL = ("6j-worked-example", "6g-primary-paid", "6a-n214", "2d-appealed", "6k-not-loaded")


def evidence(one: Evidence) -> list[object]:
    where = f"{one.source.name} {one.source.segment}" if one.source else ""
    named = [one.claim, one.procedure, " ".join(one.modifiers), str(one.service_day or "")]
    return [one.role, one.text, *named, str(one.amount or ""), where]


def told(case: str, line: Decided) -> dict[str, object]:
    decision = line.decision
    steps = decision.steps if case in IN_FULL else [s for s in decision.steps if s.matched]
    return {
        "case": case,
        "claim": line.key.claim,
        "procedure": line.key.procedure,
        "control": line.key.line_control,
        "state": decision.state,
        "amount": str(decision.amount),
        "shown": [
            str(line.charge),
            str(line.units),
            str(line.paid),
            " ".join(line.groups),
            " ".join(line.remarks),
            line.payer_claim_control_number,
            *map(str, (line.denied_on, line.answered_on, line.sent_on, line.last_day)),
            line.rules_id,
        ],
        "steps": [[step.row, step.saw] for step in steps],
        "evidence": [evidence(one) for one in decision.evidence],
    }


def rows_of(name: str, folder: Path, starter: PairTable) -> list[str]:
    lines = run_case(read_case(name, folder, starter)).lines
    return [json.dumps(told(name, line)) for line in lines]


@pytest.fixture(scope="module")
def starter() -> PairTable:
    return read_pairs(STARTER, starter=True)


@pytest.fixture(scope="module")
def before() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in FILE.read_text().splitlines():
        found.setdefault(json.loads(row)["case"], []).append(row)
    return found


@pytest.mark.parametrize(("name", "folder"), FOLDERS, ids=[name for name, _ in FOLDERS])
def test_a_case_is_told_as_before(
    name: str, folder: Path, starter: PairTable, before: dict[str, list[str]]
) -> None:
    assert rows_of(name, folder, starter) == before.get(name, [])


if __name__ == "__main__":
    table = read_pairs(STARTER, starter=True)
    told_now = [row for name, folder in FOLDERS for row in rows_of(name, folder, table)]
    FILE.write_text("".join(f"{row}\n" for row in told_now))
