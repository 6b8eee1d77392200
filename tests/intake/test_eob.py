"""Paper EOBs by hand: what belongs to the whole claim, and a table without rows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from server.facts import Adjustment
from server.intake.eob import read_eobs
from server.intake.reading import read
from server.tables import TableError

HEADER = b"payer_name,claim,produced,procedure,charge,paid,adjustments,remarks\n"


def test_a_row_without_procedure_bears_what_is_said_of_the_claim() -> None:
    rows = b"X,A,2026-01-02,,100,60,PR 1 20.00; CO 45 20,MA01 n130\n"
    (answer,) = read_eobs(HEADER + rows, "a.csv")
    assert answer.lines == ()
    assert answer.remarks == ("MA01", "N130")
    assert answer.adjustments == (
        Adjustment("PR", "1", Decimal(20)),
        Adjustment("CO", "45", Decimal(20)),
    )
    assert (answer.status, answer.charge, answer.paid) == ("1", Decimal(100), Decimal(60))


def test_a_lines_remarks_are_its_own() -> None:
    rows = b"X,A,2026-01-02,99213,100,100,,N130\nX,A,2026-01-02,,,,CO 253 2,MA01\n"
    (answer,) = read_eobs(HEADER + rows, "a.csv")
    assert (answer.remarks, answer.lines[0].remarks) == (("MA01",), ("N130",))
    assert answer.adjustments == (Adjustment("CO", "253", Decimal(2)),)


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(TableError, match="no row"):
        read_eobs(HEADER, "a.csv")
    assert read("a.csv", HEADER).refused == "a.csv: no row stands below the header"
