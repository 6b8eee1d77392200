"""The finder on its corpora, its interface, and what hostile input costs."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from server.codes.finder import Found, find_in_html, find_in_text, html_text
from server.codes.finder_rules import rules
from tests.codes.finder_marks import Snippet, read

HERE = Path(__file__).resolve().parent
CORPUS = list(read(HERE / "finder_corpus.jsonl"))
HELD_OUT = list(read(HERE / "finder_corpus_held_out.jsonl"))
MORE = list(read(HERE / "finder_corpus_more.jsonl"))
PORTALS = list(read(HERE / "finder_corpus_portals.jsonl"))
REMITTANCES = Path(__file__).resolve().parents[3] / "shared/data/835"
SHARED = Path(__file__).resolve().parents[3] / "shared/data/codes"


def found(snippet: Snippet) -> list[Found]:
    if snippet.form == "html":
        return find_in_html(snippet.content, snippet.crosswalk)
    return find_in_text(snippet.content, snippet.crosswalk)


def codes(text: str, **options: dict[str, str]) -> list[str]:
    return [one.code for one in find_in_text(text, **options)]


@pytest.mark.parametrize(
    "corpus",
    [CORPUS, HELD_OUT, MORE, PORTALS],
    ids=["corpus", "held out", "more", "portals"],
)
def test_precision_and_recall(corpus: list[Snippet]) -> None:
    right = wrong = missed = 0
    told = []
    for snippet in corpus:
        answers, expected = [tuple(one) for one in found(snippet)], list(snippet.expected)
        extra = [one for one in answers if one not in expected]
        lacking = [one for one in expected if one not in answers]
        right += len(answers) - len(extra)
        wrong += len(extra)
        missed += len(lacking)
        if extra or lacking:
            told.append(f"{snippet.number} {snippet.content!r}: extra {extra}, missed {lacking}")
    assert wrong == 0, told
    assert right / (right + missed) >= 0.99, told


@pytest.mark.parametrize("corpus", [CORPUS, HELD_OUT, MORE, PORTALS], ids=len)
def test_lines_above_and_below_change_nothing(corpus: list[Snippet]) -> None:
    above, below = "Welcome, Dana\nHome | Claims | Help\n\n", "\n\nThank you."
    for snippet in corpus:
        if snippet.form != "text" or snippet.crosswalk:
            continue
        whole = find_in_text(above + snippet.content + below)
        moved = [
            one._replace(spans=tuple((a - len(above), b - len(above)) for a, b in one.spans))
            for one in whole
        ]
        assert moved == found(snippet), snippet.content


def test_the_corpus_is_large_and_half_of_it_traps() -> None:
    traps = sum(not snippet.expected for snippet in CORPUS)
    assert len(CORPUS) >= 400
    assert 0.4 <= traps / len(CORPUS) <= 0.6


@pytest.mark.parametrize("snippet", [s for s in CORPUS + HELD_OUT + PORTALS if s.form == "html"])
def test_places_count_in_the_text_content(snippet: Snippet) -> None:
    assert html_text(snippet.content) == BeautifulSoup(snippet.content, "lxml").get_text()


def test_places_count_past_what_is_not_text() -> None:
    html = "<p>a &amp; b<!-- CO-1 --> <script>CO-2</script><noscript>CO-3</noscript>é CO-45</p>"
    assert [(one.code, one.spans) for one in find_in_html(html)] == [("CO-45", ((12, 17),))]
    assert html_text(html)[12:17] == "CO-45"


def test_hidden_text_is_text() -> None:
    assert [one.code for one in find_in_html('<p hidden style="display:none">CO-45</p>')] == [
        "CO-45"
    ]


def test_reasons_of_one_cas_share_its_group() -> None:
    text = "CAS*CO*45*10**107*20*2~CAS*PR*1*5~"
    assert [(one.code, one.spans) for one in find_in_text(text)] == [
        ("CO-45", ((4, 9),)),
        ("CO-107", ((4, 6), (14, 17))),
        ("PR-1", ((27, 31),)),
    ]
    assert codes("CAS|OA|23|84.11|2|45|1") == ["OA-23", "OA-45"]


@pytest.mark.skipif(not REMITTANCES.is_dir(), reason="the shared remittances are not here")
def test_every_code_of_real_remittances_is_found() -> None:
    told = 0
    for file in sorted(REMITTANCES.iterdir()):
        text = file.read_text(encoding="latin-1")
        if "*" not in text[:8] or "XX99" in text:
            continue
        expected: list[str] = []
        for segment in re.split(r"~\s*|\n", text):
            parts = segment.strip().split("*")
            if parts[0] == "CAS":
                reasons = [part for part in parts[2::3] if part[:1].isalnum() and len(part) < 4]
                expected += [f"{parts[1]}-{reason.lstrip('0')}" for reason in reasons]
            elif parts[:2] == ["LQ", "HE"]:
                expected.append(parts[2])
            elif parts[0] == "MOA":
                expected += [part for part in parts[3:8] if part]
        expected = [code for code in expected if re.fullmatch(r"[A-Z]{2}-\w{1,3}|[MN]A?\d+", code)]
        found = codes(text)
        assert Counter(expected) - Counter(found) == Counter(), file.name
        told += len(expected)
    assert told > 100


def test_known_says_whether_a_list_names_it() -> None:
    told = {one.code: one.known for one in find_in_text("CO-999, CO-107, RARC N999, CO-D5")}
    assert told == {"CO-999": False, "CO-107": True, "N999": False, "CO-D5": True}


def test_a_crosswalk_finds_a_payers_own_codes_and_only_them() -> None:
    walk = {"ABC12": "CO-107", "X-9.1": "CO-45", "22614": "PR-1"}
    text = "EOB ABC12 XABC12 ABC123 $ABC12 ABC12.5 claim # ABC12; X-9.1, line 22614 at 22614.00"
    told = [(one.code, one.kind, one.spans) for one in find_in_text(text, walk)]
    assert told == [
        ("ABC12", "payer", ((4, 9),)),
        ("X-9.1", "payer", ((54, 59),)),
        ("22614", "payer", ((66, 71),)),
    ]
    assert codes("EOB ABC12") == []
    assert [one.kind for one in find_in_text("CO-107", {"107": "CO-107"})] == ["carc"]
    html = "<table><tr><th>Claim #<th>EOB<tr><td>ABC12<td>ABC12</table>"
    assert [one.spans for one in find_in_html(html, {"ABC12": "CO-45"})] == [((15, 20),)]


def test_every_listed_code_is_known() -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared code lists are not here")
    for name, known in (("carc", rules().known_carc), ("rarc", rules().known_rarc)):
        lines = (SHARED / f"{name}_2024-06-18.csv").read_text("utf-8").splitlines()[1:]
        listed = {line.split(",")[0] for line in lines if line.split(",")[0].isalnum()}
        assert {code for code in listed if len(code) <= 5} <= known


@pytest.mark.parametrize("group", ["CO", "PR", "OA", "PI"])
def test_every_reason_with_every_group_is_found(group: str) -> None:
    for carc in rules().known_carc:
        for form in (f"{group}-{carc}", f"Denied {group} {carc}, see remittance"):
            assert codes(form) == [f"{group}-{carc}"], form


def test_every_remark_after_a_label_is_found() -> None:
    for rarc in rules().known_rarc:
        assert codes(f"Remark code: {rarc}") == [rarc]
        assert codes(f"remark codes {rarc.lower()}.") == [rarc]


HOSTILE = [
    "CO-CO-CO-",
    "107 ",
    "107\n",
    "107\t",
    "CO 107  ",
    "CO\t107\t",
    "Reason code: ",
    "Reason codes: 16, ",
    "Group\tReason\n",
    "Group  Reason\n107  ",
    "N122,",
    "N1*",
    "CAS*CO*45*10**",
    "CO107",
    "\u200b1",
    " ",
    "1,",
    "Dx ",
]


@pytest.mark.parametrize("bit", HOSTILE, ids=repr)
def test_time_grows_with_the_text_and_nothing_else(bit: str) -> None:
    def cost(size: int) -> float:
        text = (bit * (size // len(bit) + 1))[:size]
        began = time.process_time()
        find_in_text(text)
        return time.process_time() - began

    small = min(cost(50_000) for _ in range(3))
    # Eight times the text: eight times the work, with room for a busy machine; squared is 64.
    assert cost(400_000) < max(small, 0.01) * 24


def test_a_megabyte_of_groups_is_read_in_no_time() -> None:
    began = time.process_time()
    assert find_in_text("CO-" * 350_000) == []
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>" * 3000,
        "<div>" * 20_000 + "CO-107",
        "<table><tr>" + "<td>107</td>" * 20_000,
        "<table>" + "<tr><td colspan=1000 rowspan=65534>CO<td>107" * 2000,
        "<div>" + "<div><p>Group</p><p>Reason</p></div>" * 5000,
        "<" * 100_000,
        "&" * 100_000,
        "",
        "   ",
        "<!-- -->",
        "\x00\ud800",
    ],
    ids=range(11),
)
def test_hostile_pages_end_soon(html: str) -> None:
    began = time.process_time()
    find_in_html(html)
    assert time.process_time() - began < 5


WORDS = (
    "CO PR 107 45 - N122 M15 MA01 Reason_code : , Group Remark $ . 12 * CAS ~ Dx State / ( ) # O 0"
    " <td> <tr> <th> </table> <table> é B15"
)
BLANKS = [" ", "\n", "\t", "|", "\u00a0", "\u200b", "  "]
PIECES = st.sampled_from([*WORDS.replace("_", "\u00a0").split(" "), *BLANKS])


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_spans_are_true_whatever_the_text(text: str) -> None:
    for one in find_in_text(text):
        for start, end in one.spans:
            assert 0 <= start < end <= len(text)
        shown = "".join(text[start:end] for start, end in one.spans)
        assert shown.strip()
        number = one.code.rpartition("-")[2].lstrip("MAN0")
        assert number in shown.replace("\u200b", "").replace("O", "0")


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_pages_are_read_as_beautifulsoup_reads_them(html: str) -> None:
    text = html_text(html)
    # Of a page that holds nothing but blanks the two keep different ones.
    assert text.rstrip() == BeautifulSoup(html, "lxml").get_text().rstrip()
    for one in find_in_html(html):
        assert all(0 <= start < end <= len(text) for start, end in one.spans)
