"""The shipped catalogue: complete, in form, in our own words."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from server.codes.entries import GROUPS, CarcEntry, Entry
from server.codes.lookup import catalogue

LISTS = Path(__file__).parents[3] / "shared" / "data" / "codes"
RUN = 8
ENTRIES: list[Entry] = [
    *catalogue().groups.values(),
    *catalogue().carc.values(),
    *catalogue().rarc.values(),
]
STEERING = """N122 N674 N214 N357 M47 N152 N142 N380 N517 N798 N779 N770 MA130 MA67 MA15 N522 N525
N432 M15 M80 N19 N20 MA01 N1 N211"""


def official(kind: str) -> list[dict[str, str]]:
    """The rows of an official list; skips the test where it is not there."""
    found = sorted(LISTS.glob(f"{kind}_*.csv"))
    if not found:
        pytest.skip("the official lists are not there")
    with found[-1].open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def runs(text: str) -> Iterator[tuple[str, ...]]:
    split = words(text)
    return (tuple(split[at : at + RUN]) for at in range(len(split) - RUN + 1))


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)


@pytest.fixture(scope="module")
def official_runs() -> dict[tuple[str, ...], str]:
    """Every run of words of both lists, with the code it stands under."""
    return {
        run: row["code"]
        for kind in ("carc", "rarc")
        for row in official(kind)
        for column in ("description", "usage", "notes")
        for run in runs(row[column])
    }


def test_the_five_groups_are_there() -> None:
    assert set(catalogue().groups) == set(GROUPS)


@pytest.mark.parametrize("kind", ["carc", "rarc"])
def test_every_code_of_the_official_list_is_there(kind: str) -> None:
    entries = catalogue().carc if kind == "carc" else catalogue().rarc
    assert [row["code"] for row in official(kind) if row["code"] not in entries] == []


def test_no_code_is_there_that_no_list_names() -> None:
    listed = {row["code"] for kind in ("carc", "rarc") for row in official(kind)}
    assert {*catalogue().carc, *catalogue().rarc} - listed == set()


def test_a_reason_code_has_ended_exactly_when_the_list_says_so() -> None:
    for row in official("carc"):
        ended = date.fromisoformat(row["end_date"]) if row["end_date"] else None
        assert (row["code"], catalogue().carc[row["code"]].ended) == (row["code"], ended)


def test_no_entry_shares_a_run_of_words_with_an_official_sentence(
    official_runs: dict[tuple[str, ...], str],
) -> None:
    copied = []
    for entry in ENTRIES:
        fields = list(texts(entry.model_dump(exclude={"source"})))
        for text in [*fields, " ".join(fields)]:
            for run in runs(text):
                if run in official_runs:
                    copied.append(f"{entry.code} like {official_runs[run]}: {' '.join(run)}")
    assert copied == []


def test_no_two_codes_of_a_kind_have_the_same_title() -> None:
    for part in (catalogue().carc, catalogue().groups):
        titles = [entry.title for entry in part.values()]
        assert sorted({title for title in titles if titles.count(title) > 1}) == []


def test_titles_fit_a_tooltip() -> None:
    assert [entry.code for entry in ENTRIES if len(entry.title) > 90] == []
    assert [entry.code for entry in ENTRIES if entry.title.endswith(".")] == []


def test_a_reason_is_said_in_one_breath() -> None:
    long = {code: len(words(e.meaning)) for code, e in catalogue().carc.items()}
    assert {code: count for code, count in long.items() if count > 40} == {}


def test_enough_reason_codes_are_written_in_full() -> None:
    full = [code for code, entry in catalogue().carc.items() if entry.depth == "full"]
    assert len(full) >= 60
    assert {"107", "97", "234", "B15", "16", "18", "22", "29", "45", "50", "197"} <= set(full)


def test_look_alikes_name_a_difference_and_never_the_code_itself() -> None:
    for entry in catalogue().carc.values():
        named = [other.code for other in entry.look_alikes]
        assert entry.code not in named
        assert len(named) == len(set(named)), entry.code


def test_a_successor_is_in_force_or_leads_on_to_one() -> None:
    def leads_on(code: str, seen: frozenset[str] = frozenset()) -> bool:
        entry = catalogue().carc[code]
        assert code not in seen, f"{code} replaces itself"
        return entry.ended is None or any(leads_on(n, seen | {code}) for n in entry.replaced_by)

    for code, entry in catalogue().carc.items():
        for successor in entry.replaced_by:
            assert leads_on(successor), f"{code} leads to {successor}, which leads nowhere"


def test_co_never_sends_the_bill_to_the_patient() -> None:
    wrong = [
        entry.code
        for entry in catalogue().carc.values()
        if (says := entry.groups.get("CO"))
        and re.search(r"\bbill (the|a) patient\b", says)
        and not re.search(r"(not|never) bill (the|a) patient", says)
    ]
    assert wrong == []


def test_107_settles_what_public_pages_contradict_each_other_on() -> None:
    entry = catalogue().carc["107"]
    assert entry.category == "qualifying_service"
    assert entry.appealable == "depends"
    assert "already billed and paid" in (entry.appeal_basis or "")
    assert "write-off until it is corrected" in entry.groups["CO"]
    assert "never a bill to the patient" in entry.groups["CO"]
    assert {"97", "234", "B15", "16"} <= {other.code for other in entry.look_alikes}
    assert set(entry.groups) == {"CO", "PR", "OA", "PI"}


def test_the_remark_codes_that_steer_a_107_say_how() -> None:
    assert [code for code in STEERING.split() if not catalogue().rarc[code].route] == []


def test_every_entry_names_its_source_and_review() -> None:
    for entry in ENTRIES:
        assert entry.source
        assert date(2024, 1, 1) < entry.reviewed


def test_full_entries_hold_every_part() -> None:
    for entry in catalogue().carc.values():
        if isinstance(entry, CarcEntry) and entry.depth == "full":
            assert entry.causes, entry.code
            assert entry.next_steps, entry.code
            assert entry.groups, entry.code
