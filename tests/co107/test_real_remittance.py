"""The masked Medicare remittance holds one CO-107 line: decided as a person would by hand."""

from __future__ import annotations

from pathlib import Path

from server.co107.decide import decide_all
from server.facts import Facts
from server.x12 import remittance_facts
from tests.co107.builders import around

NAME = "835/Inteligenz_X12Parser__4010_FromNth_835_DeIdent_02.dat"


def test_its_one_line_is_for_a_person(shared_data: Path) -> None:
    answers, _ = remittance_facts((shared_data / NAME).read_bytes(), "masked.835")
    (one,) = decide_all(Facts(answers=tuple(answers)), around())
    assert one.decision.amount == 260
    assert one.decision.state == "review"
    # Its claim bears a masked remark code that no list names, and that binds its one unpaid line.
    assert one.decision.reason == "unknown_remark"
    assert one.decision.steps[-1].row == "5f+"
