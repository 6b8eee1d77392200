"""Reading: values, tables by header, counts; everything off raises, nothing is guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers import record
from scrapers.capture import Capture, ClaimRef, FrozenPage
from scrapers.errors import BadRecord, PortalError, SessionExpired, SiteChanged
from scrapers.portal import Portal
from scrapers.read import PageReader
from server.facts import Adjustment

PORTAL = Portal(
    id="p", name="P", family="p", statuses={"IN PROCESS": "pending", "Paid": "1"},
    columns={"paid": ("Plan paid",)},
    outcomes={"login_page": {"selector": "form #pw"}},
)  # fmt: skip
COLUMNS = {"line": "Line", "charge": "Billed", "paid": "Paid"}


def reader(html="<p></p>"):
    return PageReader(FrozenPage("lines", html), PORTAL)


def table(head, *rows):
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    heads = "".join(f"<th>{text}</th>" for text in head)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table>"


def rows_of(html, columns=COLUMNS):
    page = reader(html)
    return page.table(page.one("table"), columns)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$1,150.00", "1150.00"), ("1150.00", "1150.00"), ("-$12.50", "-12.50"),
        ("$-12.50", "-12.50"), ("($12.50)", "-12.50"), ("$0.00", "0.00"), ("0.07", "0.07"),
        ("1,234,567.89", "1234567.89"),
    ],
)  # fmt: skip
def test_money(text, value):
    assert reader().money(text, "x") == Decimal(value)


@pytest.mark.parametrize("text", ["", "--", "-", "—", "N/A", "  "])
def test_empty_money_is_unknown_not_zero(text):
    assert reader().money(text, "x") is None
    with pytest.raises(BadRecord):
        reader().amount(text, "x")


@pytest.mark.parametrize(
    "text", ["1150", "1,15.00", "$1.5", "12.345", "abc", "€5.00", "(5.00", "5.00)", "1 150,00",
             "--5.00", "1e3.00", "٣.٠٠"]
)  # fmt: skip
def test_what_is_no_money_raises(text):
    with pytest.raises(BadRecord):
        reader().money(text, "x")


@given(st.integers(-(10**9), 10**9))
def test_money_round_trip(cents):
    value = Decimal(cents) / 100
    text = f"{'-' if value < 0 else ''}${abs(value):,.2f}"
    assert reader().money(text, "x") == value


@pytest.mark.parametrize("text", ["03/02/2026", "2026-03-02", "Mar 02, 2026", "03/02/26"])
def test_days(text):
    assert reader().day(text, "x") == date(2026, 3, 2)


def test_span_of_days():
    assert reader().days("03/02/2026 - 03/04/2026", "x") == (date(2026, 3, 2), date(2026, 3, 4))
    assert reader().days("03/02/2026", "x") == (date(2026, 3, 2), date(2026, 3, 2))
    assert reader().days("2026-03-02 to 2026-03-03", "x")[1] == date(2026, 3, 3)
    assert reader().days("--", "x") == (None, None)


@pytest.mark.parametrize("text", ["13/02/2026", "02.03.2026", "yesterday", "2026-02-30"])
def test_what_is_no_day_raises(text):
    with pytest.raises(BadRecord):
        reader().day(text, "x")


@pytest.mark.parametrize(
    ("text", "code"),
    [("CO-107", ("CO", "107")), ("co 107", ("CO", "107")), ("PR-2", ("PR", "2")),
     ("OA-A1", ("OA", "A1"))],
)  # fmt: skip
def test_reason_codes(text, code):
    assert reader().carc(text) == code


@pytest.mark.parametrize("text", ["107", "CO107", "XX-107", "CO-1077", "CO-", "", "CO-107 x"])
def test_what_is_no_grouped_reason_code_raises(text):
    with pytest.raises(BadRecord):
        reader().carc(text)


def test_bare_numbers_have_no_group():
    assert reader().carc("107", grouped=False) == ("", "107")
    with pytest.raises(BadRecord):
        reader().carc("CO-107", grouped=False)


def test_remarks_and_modifiers():
    assert reader().remarks("N122, M15 MA130") == ("N122", "M15", "MA130")
    assert reader().remarks("--") == ()
    assert reader().modifiers("26 LT") == ("26", "LT")
    for bad in ("N12345", "107", "N122 see"):
        with pytest.raises(BadRecord):
            reader().remarks(bad)
    with pytest.raises(BadRecord):
        reader().modifiers("2600")


def test_status_words_are_read_whatever_their_case_and_dashes():
    assert reader().status("IN-PROCESS") == reader().status(" in  process") == "pending"
    with pytest.raises(SiteChanged):
        reader().status("Paid in part")


def test_a_moved_column_is_read_by_its_header():
    (row,) = rows_of(table(["Paid", "Line", "Billed"], ["$1.00", "1", "$5.00"]))
    assert (row.amount("charge"), row.amount("paid")) == (Decimal("5.00"), Decimal("1.00"))


def test_another_name_of_the_toml_is_known():
    (row,) = rows_of(table(["Line", "Billed", "Plan Paid"], ["1", "$5.00", "$1.00"]))
    assert row.amount("paid") == Decimal("1.00")


@pytest.mark.parametrize(
    "head",
    [
        ["Line", "Billed", "Settled"], ["Line", "Billed"], ["Line", "Billed", "Paid", "New"],
        ["Line", "Paid", "Paid"], ["Line", "Billed", "Paid", "Plan paid"],
    ],
)  # fmt: skip
def test_a_renamed_missing_new_or_doubled_header_raises(head):
    with pytest.raises(SiteChanged) as caught:
        rows_of(table(head, ["1"] * len(head)))
    assert caught.value.page == "lines"


def test_a_short_or_merged_row_raises():
    with pytest.raises(SiteChanged):
        rows_of(table(["Line", "Billed", "Paid"], ["1", "$5.00"]))
    html = (
        "<table><thead><tr><th>Line<th>Billed<th>Paid</thead><tbody><tr><td colspan=2>1<td>2<td>3"
    )
    with pytest.raises(SiteChanged):
        rows_of(html)


def test_two_header_rows_are_one():
    html = (
        "<table><thead><tr><th rowspan=2>Line<th colspan=2>Amount</tr>"
        "<tr><th>Billed<th>Paid</tr></thead><tbody><tr><td>1<td>$5.00<td>$1.00</table>"
    )
    assert rows_of(html)[0].amount("charge") == Decimal("5.00")
    assert rows_of(html, {**COLUMNS, "charge": "Amount / Billed"})[0].amount("paid") == 1


def test_a_login_page_in_place_of_a_result_is_an_expired_session():
    with pytest.raises(SessionExpired):
        reader('<form><input id="pw" type="password"></form>')
    reader('<div hidden><form><input id="pw"></form></div>')


def test_counts():
    page = reader("<i></i><i></i>")
    assert len(page.many("i", 2, 2)) == 2
    with pytest.raises(SiteChanged, match="found 2, expected 1"):
        page.one("i")
    with pytest.raises(SiteChanged, match="found 0"):
        page.one("b")


def test_labels_must_all_be_there_and_no_other():
    page = reader("<dl><dt>Status:</dt><dd>Paid</dd></dl>")
    assert page.labelled(page.one("dl"), {"status": "Status"}) == {"status": "Paid"}
    with pytest.raises(SiteChanged):
        page.labelled(page.one("dl"), {"state": "State"})
    with pytest.raises(SiteChanged):
        page.labelled(page.one("dl"), {"status": "Status", "paid": "Paid"})


def listing(*rows):
    page = reader(table(["Claim", "Billed"], *rows))
    ref = ClaimRef("A1")
    capture = Capture("p", ref, (), datetime(2026, 3, 2, tzinfo=UTC))
    found = page.table(page.one("table"), {"claim": "Claim", "charge": "Billed"})
    return record.row_of_claim(page, capture, found)


def test_the_row_of_a_claim():
    assert listing(["A11", "$1.00"], ["A1", "$2.00"]).text("charge") == "$2.00"
    assert listing(["A1", "$2.00"], ["A1", "$2.00"]).text("charge") == "$2.00"
    with pytest.raises(SiteChanged):
        listing(["A11", "$1.00"])
    with pytest.raises(BadRecord):
        listing(["A1", "$1.00"], ["A1", "$2.00"])


LINE = {"served": "Day", "procedure": "Proc", "modifiers": "Mod", "units": "Units",
        "charge": "Billed", "allowed": "Allowed", "paid": "Paid"}  # fmt: skip


def line(charge, paid, *amounts):
    page = reader(table([*LINE.values()], ["03/02/2026", "22614", "--", "1", charge, "--", paid]))
    (row,) = page.table(page.one("table"), LINE)
    given = tuple(Adjustment("CO", "107", Decimal(one)) for one in amounts)
    return record.service_line(row, 0, given, ())


def test_a_line_must_balance():
    assert line("$1,150.00", "$0.00", "1150.00").charge == Decimal("1150.00")
    assert line("-$720.00", "$0.00", "-720.00").paid == 0
    for amounts in (("1149.99",), (), ("1150.00", "0.01")):
        with pytest.raises(BadRecord):
            line("$1,150.00", "$0.00", *amounts)


def test_continued_rows():
    page = reader(table(["Line"], ["1"], [""], ["2"]))
    rows = page.table(page.one("table"), {"line": "Line"})
    assert [len(group) for group in record.continued(page, rows)] == [2, 1]
    with pytest.raises(SiteChanged):
        record.continued(page, rows, before=1)
    with pytest.raises(SiteChanged):
        record.continued(page, rows[1:])


@given(st.text(max_size=40))
def test_any_text_is_read_or_raises_an_error_of_ours_that_does_not_repeat_it(text):
    page = reader()
    reads = [page.carc, page.remarks, page.modifiers, page.procedure, page.name, page.status]
    named = [page.money, page.day, page.days, page.number, page.ident]

    def said_of(value: str) -> list[str]:
        said = []
        for read in (*reads, *(partial(one, what="x") for one in named)):
            try:
                read(value)
            except PortalError as error:
                said.append(str(error))
        return said

    # What is said of any other nonsense too is our own wording, not a repetition.
    ours = set(said_of("\u2603 \u2603"))
    assert len(text) < 4 or not any(text in line for line in said_of(text) if line not in ours)
