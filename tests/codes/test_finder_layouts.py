"""Every heading in every layout, every written form in every sentence: nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.codes.finder import find_in_html, find_in_text

GROUPS = [
    *("Group", "Group Code", "Grp", "Grp Cd", "Adj Group", "Adjustment Group", "CAGC", "GROUP"),
    *("Claim Adjustment Group Code", "Adj Grp Code", "Adj. Group"),
]
REASONS = [
    *("Reason", "Reason Code", "Rsn", "Rsn Cd", "Adj Reason Code", "Adjustment Reason Code"),
    *("Claim Adjustment Reason Code", "CARC", "Adj Reason", "Reason Cd", "Denial Code"),
    *("CARC Code", "Denial Reason Code", "Adj Rsn Code", "REASON CODE", "Reason code(s)"),
    *("Adj. Reason", "Denial Reason", "Reason #"),
]
REMARKS = [
    *("Remark", "Remark Code", "RARC", "Remarks", "Rmk", "Remark Codes", "Remark Code(s)"),
    *("RARC Code", "Remittance Remark Code", "RMK CD", "Rmrk"),
]

Rows = list[list[str]]


def tables(rows: Rows) -> Iterator[tuple[str, bool]]:
    """The rows, the first of them headers, in each layout; and whether it is HTML."""
    head, *body = rows
    for cell in ("th", "td"):
        top = "".join(f"<{cell}>{text}</{cell}>" for text in head)
        below = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in body)
        yield f"<table><tr>{top}</tr>{below}</table>", True
    yield "\n".join("\t".join(row) for row in rows), False
    yield "\n".join(f"| {' | '.join(row)} |" for row in rows), False
    yield "\n".join(",".join(row) for row in rows), False
    widths = [max(map(len, column)) + 3 for column in zip(*rows, strict=True)]
    lines = ["".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    yield "\n".join(lines), False


def pairs(first: tuple[str, str], second: tuple[str, str]) -> Iterator[tuple[str, bool]]:
    """Two labels with their values in each layout; and whether it is HTML."""
    (g, group), (r, reason) = first, second
    yield f"{g}: {group}\n{r}: {reason}\nAmount: 900.00", False
    yield f"{g}: {group}  {r}: {reason}  Amount: 900.00", False
    for html in (
        "<dl><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{}</dd></dl>",
        "<table><tr><td>{}</td><td>{}</td></tr><tr><td>{}</td><td>{}</td></tr></table>",
        "<table><tr><th>{}</th><td>{}</td></tr><tr><th>{}</th><td>{}</td></tr></table>",
        "<div><span>{}:</span> <b>{}</b> <span>{}:</span> <b>{}</b></div>",
        "<div><div>{}</div><div>{}</div></div><div><div>{}</div><div>{}</div></div>",
    ):
        yield html.format(g, group, r, reason), True


def codes(content: str, html: bool) -> list[str]:
    return [one.code for one in (find_in_html if html else find_in_text)(content)]


@pytest.mark.parametrize("reason", [*REASONS, "Code"])
def test_group_and_reason_in_columns(reason: str) -> None:
    for group in GROUPS:
        rows = [
            ["Line", "CPT", group, reason, "Amount"],
            ["1", "22614", "CO", "107", "900.00"],
            ["2", "99214", "PR", "3", "25.00"],
        ]
        for content, html in tables(rows):
            assert codes(content, html) == ["CO-107", "PR-3"], content


@pytest.mark.parametrize("reason", REASONS)
def test_reason_and_remark_in_columns(reason: str) -> None:
    for remark in REMARKS:
        rows = [
            ["Line", reason, remark, "Paid"],
            ["1", "107", "N122", "0"],
            ["2", "B15", "M15", "0"],
        ]
        for content, html in tables(rows):
            assert codes(content, html) == ["107", "N122", "B15", "M15"], content


@pytest.mark.parametrize("reason", REASONS)
def test_labels_and_values_in_every_layout(reason: str) -> None:
    for group in GROUPS:
        for content, html in pairs((group, "CO"), (reason, "107")):
            assert codes(content, html) == ["CO-107"], content
    for remark in REMARKS:
        for content, html in pairs((reason, "107"), (remark, "n122")):
            assert codes(content, html) == ["107", "N122"], content


FORMS = ["{}-{}", "{}{}", "{} {}", "{} \u2013 {}", "{}*{}", "{}/{}"]
SENTENCES = [
    *("Denied {}", "Status: Denied ({})", "{}: base service missing", "Line 2 {} $45.00"),
    *("The payer returned {} for this line.", "We received {} from Aetna", "Why {}?"),
    *("{} means the base is missing", "a {} denial", "{} denials", "22614 {} 900.00", "Appeal {}"),
    *("due to {}", "Rep said {}", "RE: {}", "Pended, {}", "What does {} mean?", "UHC {}", "835 {}"),
    *("Adj {} 45.00", "Reason code {}", "Codes: {}", "1. {}", "* {}", "[{}]", "{} | N122"),
    *("{} claim lacks information", "{} procedure and modifier differ", "{} patient is covered"),
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_in_every_sentence(form: str) -> None:
    for group, number in (("CO", "107"), ("CO", "4"), ("PR", "204"), ("OA", "23"), ("CO", "B15")):
        for sentence in SENTENCES:
            text = sentence.format(form.format(group, number))
            assert f"{group}-{number}" in codes(text, html=False), text
