"""What every case tells a person, word by word: the row that decided, and the evidence.

`told.jsonl` holds it, one line of a claim a row; `passed.txt` what the rows say that did not match.
After a wanted change of words `python tests/co107/test_told.py` writes both anew; read the
difference before you keep it.
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
PASSED = HERE / "passed.txt"
STARTER = HERE.parents[1] / "config/pairs/starter.csv"
FOLDERS = case_folders(HERE / "cases")


def evidence(one: Evidence) -> list[object]:
    where = f"{one.source.name} {one.source.segment}" if one.source else ""
    named = [one.claim, one.procedure, " ".join(one.modifiers), str(one.service_day or "")]
    return [one.role, one.text, *named, str(one.amount or ""), where]


def told(case: str, line: Decided) -> dict[str, object]:
    decision = line.decision
    steps = [step for step in decision.steps if step.matched]
    return {
        "case": case,
        "claim": line.key.claim,
        "procedure": line.key.procedure,
        "control": line.key.line_control,
        "decision": [
            decision.state,
            decision.reason,
            decision.route,
            str(decision.deadline),
            str(decision.as_of),
        ],
        "amount": str(decision.amount),
        "shown": [
            line.key.payer,
            str(line.key.first_day),
            " ".join(line.key.modifiers),
            " ".join(line.missing),
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


def lines_of(folder: Path, starter: PairTable) -> tuple[Decided, ...]:
    return run_case(read_case(folder.name, folder, starter)).lines


def passed(lines: tuple[Decided, ...]) -> set[str]:
    """What the rows said that did not match."""
    steps = [step for line in lines for step in line.decision.steps if not step.matched]
    return {f"{step.row}: {step.saw}" for step in steps}


@pytest.fixture(scope="module")
def starter() -> PairTable:
    return read_pairs(STARTER, starter=True)


@pytest.fixture(scope="module")
def before() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in FILE.read_text().splitlines():
        found.setdefault(json.loads(row)["case"], []).append(row)
    return found


@pytest.fixture(scope="module")
def passed_before() -> set[str]:
    return set(PASSED.read_text().splitlines())


@pytest.mark.parametrize(("name", "folder"), FOLDERS, ids=[name for name, _ in FOLDERS])
def test_a_case_is_told_as_before(
    name: str,
    folder: Path,
    starter: PairTable,
    before: dict[str, list[str]],
    passed_before: set[str],
) -> None:
    lines = lines_of(folder, starter)
    assert [json.dumps(told(name, line)) for line in lines] == before.get(name, [])
    assert passed(lines) <= passed_before


if __name__ == "__main__":
    table = read_pairs(STARTER, starter=True)
    rows, passing = [], set()
    for name, folder in FOLDERS:
        lines = lines_of(folder, table)
        rows += [json.dumps(told(name, line)) for line in lines]
        passing |= passed(lines)
    FILE.write_text("".join(f"{row}\n" for row in rows))
    PASSED.write_text("".join(f"{row}\n" for row in sorted(passing)))
