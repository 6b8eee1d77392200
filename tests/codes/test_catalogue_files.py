"""A catalogue file that breaks its format is named, with its code and field."""

from __future__ import annotations

import pytest

from server.codes.catalogue_files import CatalogueError, read_entries
from server.codes.entries import CarcEntry

HEAD = '[catalogue]\nkind = "carc"\nsource = "own"\nreviewed = 2026-01-02\n'
GOOD = 'title = "A title"\nmeaning = "It means."\ncategory = "coding"\nnext_steps = ["Do it"]\n'


def carc(body: str, head: str = HEAD) -> CarcEntry:
    entry = read_entries([("one.toml", f"{head}[107]\n{body}")])["carc"]["107"]
    assert isinstance(entry, CarcEntry)
    return entry


def test_an_entry_takes_source_and_review_from_the_head_and_may_override_them() -> None:
    assert carc(GOOD).source == "own"
    assert carc(GOOD + 'source = "another"\nreviewed = 2026-05-06\n').reviewed.month == 5


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (GOOD.replace('title = "A title"\n', ""), "title"),
        (GOOD.replace("A title", "x" * 91), "title"),
        (GOOD.replace("A title", "Full stop."), "title"),
        (GOOD.replace("It means.", " "), "meaning"),
        (GOOD.replace("coding", "codes"), "category"),
        (GOOD.replace('["Do it"]', "[]"), "next_steps"),
        (GOOD + 'surprise = "x"\n', "surprise"),
        (GOOD + 'depth = "full"\n', "causes"),
        (GOOD + 'appealable = "perhaps"\n', "appealable"),
        (GOOD + 'groups.XX = "no such group"\n', "groups"),
        (GOOD + 'replaced_by = ["45"]\n', "replaced_by"),
        (GOOD + 'ended = "soon"\n', "ended"),
        (GOOD + 'look_alikes = [{ code = "999", difference = "none" }]\n', "look_alikes"),
        (GOOD + 'look_alikes = [{ code = "107", difference = "itself" }]\n', "look_alikes"),
    ],
)
def test_a_faulty_entry_is_named_with_file_code_and_field(body: str, says: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        carc(body)
    line = str(caught.value)
    assert line.startswith("one.toml: [107]")
    assert says in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no [catalogue] head"),
        ("[107]\n" + GOOD, "no [catalogue] head"),
        (HEAD.replace('"carc"', '"other"'), "[catalogue] kind"),
        (HEAD + "[N122]\n" + GOOD, "[N122] is no carc code"),
        (HEAD + "[107]\ntitle = \n", "not valid TOML"),
        (HEAD + "[107]\n" + GOOD + "[107]\n" + GOOD, "not valid TOML"),
        ("stray = 1\n" + HEAD, "stray stands outside any entry"),
    ],
)
def test_a_faulty_file_is_named(text: str, says: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_entries([("bad.toml", text)])
    assert str(caught.value).startswith("bad.toml: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_code_in_two_files_names_both() -> None:
    text = f"{HEAD}[107]\n{GOOD}"
    with pytest.raises(CatalogueError, match=r"two\.toml: \[107\] stands in one\.toml too"):
        read_entries([("one.toml", text), ("two.toml", text)])


def test_entries_cannot_be_changed() -> None:
    entry = carc(GOOD)
    with pytest.raises(ValueError, match="frozen"):
        entry.title = "Another"  # type: ignore[misc]
