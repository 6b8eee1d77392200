"""Reading an official list: every known layout, and one clear line for everything else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from server.codes.official import MAX_BYTES, OfficialList, compare, read_official, refuse_fragment
from server.codes.official_text import OfficialListError, OfficialText, parse_day, split_text

LISTS = Path(__file__).parents[3] / "shared" / "data" / "codes"
HEADER = "code,description,usage,notes,start_date,last_modified,end_date\n"
PLAIN = (
    HEADER
    + '1,"First, invented",,,1995-01-01,,\n'
    + "B7,Second invented,Use with care,See 1,1995-01-01,2017-07-01,2018-05-01\n"
)
X12_CSV = (
    "Code,Description\n"
    '1,"First, invented\nStart: 01/01/1995"\n'
    '"B7","Second invented Usage: Use with care\n'
    'Start: 01/01/1995 | Last Modified: 07/01/2017 | Stop: 05/01/2018\nNotes: See 1"\n'
)
PAGE = """<!DOCTYPE html><html><head><title>Codes</title></head><body>
<table><tr class="prod-set current"><td class="code">1</td><td class="description">First, invented
<span class="dates">Start: 01/01/1995</span></td></tr>
<tr class="prod-set deactivated"><td class="code">B7</td><td class="description">Second invented
Usage: Use with care<br/><span class="dates">Start: 01/01/1995 | Last Modified: 07/01/2017
| Stop: 05/01/2018</span><br>Notes: See 1</td></tr>
<tr class="prod-set deactivated"><td class="code">1</td><td class="description">Listed again
<span class="dates">Start: 01/01/1995</span></td></tr></table></body></html>"""
SECOND = OfficialText(
    code="B7",
    text="Second invented",
    usage="Use with care",
    notes="See 1",
    started=date(1995, 1, 1),
    modified=date(2017, 7, 1),
    ended=date(2018, 5, 1),
)


def refused(content: bytes | str) -> str:
    raw = content.encode() if isinstance(content, str) else content
    with pytest.raises(OfficialListError) as caught:
        read_official(raw, "list.csv")
    line = str(caught.value)
    assert line.startswith("list.csv: ")
    assert "\n" not in line
    assert len(line) < 200
    return line


@pytest.mark.parametrize("text", [PLAIN, X12_CSV, PAGE], ids=["plain", "x12 csv", "x12 page"])
def test_each_layout_gives_the_same_rows(text: str) -> None:
    found = read_official(text.encode(), "list")
    assert found.kind == "carc"
    assert list(found.codes) == ["1", "B7"]
    assert found.codes["1"].text == "First, invented"
    assert found.codes["B7"] == SECOND


def test_a_byte_order_mark_crlf_blank_rows_and_column_order_do_not_matter() -> None:
    text = "Description,Stop Date,CODE\r\n\r\nAn invented text,,n122\r\n,,\r\n"
    found = read_official(b"\xef\xbb\xbf" + text.encode(), "list")
    assert found.kind == "rarc"
    assert found.codes["N122"].text == "An invented text"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        ("  \n\t\n", "empty"),
        (HEADER, "no codes below"),
        ("<html><body><h1>403 Forbidden</h1></body></html>", "web page without a code table"),
        ("<", "web page without a code table"),
        ("a,b,c\n1,2,3\n", "no columns 'code' and 'description'"),
        ('{"error": true}', "no columns"),
        (b"PK\x03\x04rest", "ZIP or Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08rest", "packed"),
        (PLAIN.encode("utf-16"), "not UTF-8"),
        (PLAIN.replace("invented", "inv\x92nted").encode("latin-1"), "line 2: not UTF-8"),
        (PLAIN.replace("Second", "Sec\0ond"), "line 3: not a text file"),
        (PLAIN[:-20], "line 3: 6 columns where the header has 7"),
        (PLAIN[: PLAIN.index(" invented")], "broken quoting"),
        (PLAIN.replace("2018-05-01", "2018-0"), "line 3 (code B7): '2018-0' is no date"),
        (PLAIN.replace("2018-05-01", "2018-13-01"), "line 3 (code B7)"),
        (PLAIN.replace("B7,", "B7x,"), "line 3: 'B7X' is no CARC"),
        (PLAIN.replace("B7,", "N122,"), "line 3: 'N122' is no CARC"),
        (PLAIN.replace("B7,", "1,"), "line 3: code 1 stands in the file twice"),
        (PLAIN.replace("Second invented", " "), "line 3 (code B7): the description is empty"),
        (PLAIN.replace("\n1,", "\nhello,"), "line 2: 'HELLO' is no reason or remark code"),
        (PAGE.split("01/01/1995 |")[0], "row 2 (B7): no date: cut off?"),
        (b"x" * (MAX_BYTES + 1), "more than 16 MB"),
    ],
)
def test_what_is_no_list_is_refused_in_one_line(content: bytes | str, says: str) -> None:
    assert says in refused(content)


def test_a_file_cut_at_the_end_of_a_row_is_noticed_by_the_codes_it_lacks() -> None:
    known = [str(n) for n in range(1, 101)]
    rows = [f"{n},Text {n},,,1995-01-01,,\n" for n in known]
    whole = read_official((HEADER + "".join(rows)).encode(), "list.csv")
    half = read_official((HEADER + "".join(rows[:50])).encode(), "list.csv")
    older = read_official((HEADER + "".join(rows[:95])).encode(), "list.csv")
    refuse_fragment(whole, known, "list.csv")
    refuse_fragment(older, known, "list.csv")
    with pytest.raises(OfficialListError, match=r"lacks 50 of the 100 in force, 51 first"):
        refuse_fragment(half, known, "list.csv")


def test_changes_are_told_by_code() -> None:
    def of(**rows: OfficialText) -> OfficialList:
        return OfficialList("carc", {row.code: row for row in rows.values()})

    today = date(2026, 1, 1)
    old = of(
        a=OfficialText("1", "Same"),
        b=OfficialText("2", "Old words"),
        c=OfficialText("3", "Will end"),
        d=OfficialText("4", "Will vanish"),
        e=OfficialText("5", "Ends later"),
    )
    new = of(
        a=OfficialText("1", "Same"),
        b=OfficialText("2", "New words"),
        c=OfficialText("3", "Will end", ended=date(2025, 12, 31)),
        e=OfficialText("5", "Ends later", ended=date(2027, 1, 1)),
        f=OfficialText("6", "Added"),
    )
    told = compare(old, new, today)
    assert (told.added, told.changed, told.ended, told.gone) == (("6",), ("2", "5"), ("3",), ("4",))
    assert compare(None, new, today).added == tuple(new.codes)
    assert compare(new, new, today) == compare(old, old, today)


def test_a_text_is_taken_apart_in_the_order_x12_writes() -> None:
    told = split_text(
        "4", "Words. Usage: Look there. Start: 01/01/1995 | Stop: 2/3/2004 Notes: Use 5."
    )
    assert (told.text, told.usage, told.notes) == ("Words.", "Look there.", "Use 5.")
    assert told.ended == date(2004, 2, 3)
    assert split_text("4", "Start: when it begins").text == "Start: when it begins"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2017-07-01", date(2017, 7, 1)),
        ("07/01/2017", date(2017, 7, 1)),
        ("2017-02-30", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_date_is_read_or_is_none(text: str, day: date | None) -> None:
    assert parse_day(text) == day


@pytest.mark.parametrize(("kind", "count"), [("carc", 405), ("rarc", 1171)])
def test_a_real_list_is_read_whole(kind: str, count: int) -> None:
    files = sorted(LISTS.glob(f"{kind}_2024-06-18.csv"))
    if not files:
        pytest.skip("the official lists are not there")
    content = files[0].read_bytes()
    found = read_official(content, files[0].name)
    assert (found.kind, len(found.codes)) == (kind, count)
    # Cut anywhere inside a row, it is refused or noticed by what it lacks.
    for share in (0.1, 0.33, 0.5, 0.77):
        cut = content[: int(len(content) * share)]
        with pytest.raises(OfficialListError):
            refuse_fragment(read_official(cut, "cut.csv"), list(found.codes), "cut.csv")
