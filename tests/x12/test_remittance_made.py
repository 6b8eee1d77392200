"""Remittances of known truth, in every style a sender may choose."""

import made_835
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_835 import Style, TrueAdjustment, TrueClaim, TrueLine, remittance, render

from server.x12 import read_remittance
from server.x12.remitted import RemittedClaim, RemittedLine

ELEMENTS = ["*", "|", "\x1d", "+"]
COMPONENTS = [":", ">", "^", "<", "\x1f", "\\"]
TERMINATORS = ["~", "\n", "\r", "\x1c", "\x15", "!"]


def line_of(line: RemittedLine) -> TrueLine:
    fields = line.fields
    return TrueLine(
        fields.procedure.qualifier,
        fields.procedure.code,
        fields.procedure.modifiers,
        fields.submitted.code,
        fields.units,
        line.charge,
        line.paid,
        fields.allowed,
        (fields.first_day, fields.last_day),
        fields.line_control,
        fields.revenue_code,
        tuple(TrueAdjustment(*a[:4]) for a in line.adjustments),
        fields.remarks,
    )


def claim_of(claim: RemittedClaim) -> TrueClaim:
    fields = claim.fields
    return TrueClaim(
        fields.claim,
        fields.status,
        claim.charge,
        claim.paid,
        fields.payer_claim_control_number,
        fields.patient.id,
        fields.patient.last,
        tuple(TrueAdjustment(*a[:4]) for a in claim.adjustments),
        fields.remarks,
        tuple(line_of(line) for line in claim.lines),
    )


def check(
    made: made_835.Made, data: bytes, chunk: int = 1 << 17, odd: frozenset[str] = frozenset()
):
    from io import BytesIO

    from server.x12.remittance import Remittance

    file = Remittance(BytesIO(data), chunk=chunk)
    claims = list(file.claims())
    assert [claim_of(claim) for claim in claims] == made.claims
    assert {finding.code for finding in file.findings} <= odd
    account = file.account
    assert account["size"] == len(data)
    assert account["segments"] + account["layout"] + account["reported"] == len(data)
    for claim in claims:
        start, end = claim.span
        assert data[start:end].upper().lstrip(b"\r\n").startswith(b"CLP"[:1])
        for line in claim.lines:
            assert start < line.span[0] < line.span[1] <= end
    return file, claims


@given(seed=st.integers(0, 10**6), transactions=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_what_is_read_is_what_was_written(seed: int, transactions: int) -> None:
    made = remittance(seed, transactions=transactions)
    file, claims = check(made, render(made.segments))
    assert len(file.payments) == transactions
    assert file.payer.id == "MERID"
    assert file.payee.id == "1234567893"
    read = sum(len(c.adjustments) + sum(len(x.adjustments) for x in c.lines) for c in claims)
    assert read == made.adjustments


@given(
    seed=st.integers(0, 10**6),
    marks=st.tuples(
        st.sampled_from(ELEMENTS), st.sampled_from(COMPONENTS), st.sampled_from(TERMINATORS)
    ),
    newline=st.sampled_from(["", "\n", "\r\n", "\r\n  "]),
    bom=st.booleans(),
    encoding=st.sampled_from(["utf-8", "latin-1"]),
    repetition=st.sampled_from(["^", ""]),
    end=st.booleans(),
    chunk=st.sampled_from([1 << 17, 333, 7]),
)
@settings(max_examples=150, deadline=None)
def test_every_style_reads_alike(
    seed, marks, newline, bom, encoding, repetition, end, chunk
) -> None:
    element, component, terminator = marks
    if repetition in marks:
        repetition = ""
    if terminator in "\r\n":
        newline = "" if terminator == "\n" else newline.replace("\r", "")
    made = remittance(seed, claims=4)
    style = Style(
        element, component, terminator, repetition, newline, 0, bom, False, encoding, "", end
    )
    odd = {"missing_terminator"} if not end else set()
    check(made, render(made.segments, style), chunk, frozenset(odd))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("wrap", [80, 79, 132])
def test_text_wrapped_at_a_column_reads_alike(seed: int, wrap: int) -> None:
    made = remittance(seed, claims=8)
    check(made, render(made.segments, Style(wrap=wrap)), odd=frozenset({"isa_length"}))


@pytest.mark.parametrize("seed", range(8))
def test_segment_names_in_lower_case_read_alike(seed: int) -> None:
    made = remittance(seed)
    check(made, render(made.segments, Style(lower=True)), odd=frozenset({"lower_case_id"}))


def test_segment_names_in_mixed_case_read_alike() -> None:
    made = remittance(5)
    segments = [[s[0].capitalize(), *s[1:]] for s in made.segments]
    check(made, render(segments), odd=frozenset({"lower_case_id"}))


@pytest.mark.parametrize("wrap", [*range(11, 40), 80])
def test_a_wrapped_file_of_several_interchanges(wrap: int) -> None:
    """A column may end within the name of the second ISA."""
    first, second = remittance(1), remittance(2)
    data = render(first.segments) + render(second.segments)
    lines = [data[at : at + wrap] for at in range(0, len(data), wrap)]
    made = made_835.Made([], first.claims + second.claims)
    for chunk in (1 << 17, 100):
        check(made, b"\r\n".join(lines), chunk, frozenset({"isa_length"}))


def test_terminators_between_interchanges_are_strays() -> None:
    first, second = remittance(1), remittance(2)
    data = render(first.segments) + b"~\n~~" + render(second.segments) + b"~~"
    made = made_835.Made([], first.claims + second.claims)
    check(made, data, odd=frozenset({"stray_terminator"}))


@pytest.mark.parametrize("seed", range(8))
def test_a_file_all_in_lower_case_says_the_same(seed: int) -> None:
    """Codes are upper case whatever their file; names and numbers stand as sent."""
    made = remittance(seed)
    file = read_remittance(render(made.segments).lower())
    for claim, truth in zip(file.claims(), made.claims, strict=True):
        sent = claim_of(claim)
        assert sent.control == truth.control.lower()
        assert sent.lines == tuple(
            line._replace(control=line.control.lower()) for line in truth.lines
        )
        assert (sent.adjustments, sent.remarks) == (truth.adjustments, truth.remarks)
    assert {finding.code for finding in file.findings} <= {"lower_case_id"}
    assert file.payer.qualifier == "XV"


@pytest.mark.parametrize("seed", range(8))
def test_a_terminator_after_the_newline_is_layout(seed: int) -> None:
    made = remittance(seed)
    style = Style(newline="\n", stray="~")
    check(made, render(made.segments, style), odd=frozenset({"stray_terminator"}))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_terminator_may_stand_at_the_next_line(newline: str) -> None:
    """Each segment ends its line, and the terminator begins the next one."""
    made = remittance(3)
    lines = render(made.segments, Style(newline="\n")).decode().replace("~\n", newline + "~")
    check(made, lines.encode())


def test_several_interchanges_with_separators_of_their_own() -> None:
    first, second, third = remittance(1), remittance(2), remittance(3)
    data = (
        render(first.segments)
        + b"\r\n"
        + render(second.segments, Style("|", "^", "\n", ""))
        + render(third.segments, Style(newline="\r\n", bom=True))
    )
    made = made_835.Made([], first.claims + second.claims + third.claims)
    for chunk in (1 << 17, 50):
        check(made, data, chunk)


def test_claims_are_numbered_and_placed() -> None:
    made = remittance(5, claims=3)
    data = render(made.segments, Style(newline="\n"))
    numbers = [n for n, segment in enumerate(made.segments, start=1) if segment[0] == "CLP"]
    claims = list(read_remittance(data).claims())
    assert [claim.segment for claim in claims] == numbers
    assert [claim.order for claim in claims] == [0, 1, 2]
    for claim in claims:
        text = data[slice(*claim.span)].decode()
        assert text.startswith(f"CLP*{claim.fields.claim}*")
        assert text.endswith("~")
        assert text.count("~") == len(claim.segments)
        for line in claim.lines:
            assert data[slice(*line.span)].startswith(b"SVC*")
            for adjustment in line.adjustments:
                assert made.segments[adjustment.segment - 1][0] == "CAS"
