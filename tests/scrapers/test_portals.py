"""Definitions, the permission gate, and every portal's fixtures."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scrapers.checks import check_portal
from scrapers.errors import PermissionMissing
from scrapers.fixtures import fixture_folder, outcome_of, read_fixture
from scrapers.mutate import survive
from scrapers.portal import load_portal, load_portals
from scrapers.sandbox.claims import PAYERS, PORTALS
from server.errors import SettingsError
from server.facts import Payer

ROOT = Path(__file__).parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
ALL = load_portals(ROOT / "config")
FILES = [
    pytest.param(portal, file, id=f"{portal.id}-{file.stem}")
    for portal in ALL.values()
    for file in sorted(fixture_folder(FIXTURES, portal).glob("*.html"))
]


@pytest.mark.parametrize("portal", ALL.values(), ids=ALL)
def test_every_offline_check_passes(portal):
    failed = [done for done in check_portal(portal, FIXTURES) if done.wrong]
    assert failed == []


@pytest.mark.parametrize(("portal", "file"), FILES)
def test_a_fixture_reads_as_it_says(portal, file):
    capture, expected = read_fixture(file, portal.id)
    assert outcome_of(capture, portal) == expected


@pytest.mark.parametrize("name", PORTALS)
def test_mutated_pages_never_lie(name):
    portal = ALL[name]
    found = [
        read_fixture(file, portal.id) for file in fixture_folder(FIXTURES, portal).glob("*.html")
    ]
    captures = [capture for capture, expected in found if "error" not in expected]
    end = survive(captures, portal, 40, seed=1)
    assert end.wrong == ()
    assert end.tried == 40
    assert end.caught > 20


def test_a_portal_without_fixtures_fails(tmp_path):
    failed = [done.what for done in check_portal(ALL["meridian"], tmp_path) if done.wrong]
    assert failed == ["fixtures", "outcomes"]


def test_a_wrong_fixture_fails(tmp_path):
    for file in (FIXTURES / "harbor").iterdir():
        (tmp_path / "harbor").mkdir(exist_ok=True)
        (tmp_path / "harbor" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "harbor" / "paid.json").write_text('{"error": "NotFound"}')
    (tmp_path / "harbor" / "pending.json").write_text("{")
    failed = [done.what for done in check_portal(ALL["harbor"], tmp_path) if done.wrong]
    assert failed == ["fixture paid", "fixture pending", "outcomes"]


def test_reading_needs_no_browser():
    """A fixture is read in a process that may not import Playwright."""
    code = (
        "import sys; sys.modules['playwright'] = None\n"
        "from pathlib import Path\n"
        "from scrapers.fixtures import outcome_of, read_fixture\n"
        "from scrapers.portal import load_portals\n"
        f"portals = load_portals(Path({str(ROOT / 'config')!r}))\n"
        f"for file in sorted(Path({str(FIXTURES)!r}).glob('*/paid.html')):\n"
        "    portal = portals[file.parent.name]\n"
        "    capture, expected = read_fixture(file, portal.id)\n"
        "    assert outcome_of(capture, portal) == expected, file\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_another_claims_page_is_never_this_claims_answer():
    for name in PORTALS:
        paid, _ = read_fixture(FIXTURES / name / "paid.html", name)
        asked = replace(paid, ref=replace(paid.ref, claim="ANOTHER"))
        assert outcome_of(asked, ALL[name])["error"] in ("SiteChanged", "BadRecord")
        gone, _ = read_fixture(FIXTURES / name / "not_found.html", name)
        asked = replace(gone, ref=replace(gone.ref, claim="ANOTHER"))
        assert outcome_of(asked, ALL[name])["error"] in ("SiteChanged", "BadRecord")


def test_the_payer_of_a_portal_of_many_is_the_claims():
    from scrapers.visit import read_look

    capture, _ = read_fixture(FIXTURES / "meridian" / "paid.html", "multi_payer")
    asked = replace(capture, ref=replace(capture.ref, payer=Payer(("X1",), "Some Plan")))
    assert read_look(asked, ALL["multi_payer"]).payer == Payer(("X1",), "Some Plan")
    assert read_look(asked, ALL["meridian"]).payer == PAYERS["meridian"]


# -- the permission gate -------------------------------------------------------------------------


def gate(**changes):
    ALL["meridian"].model_copy(update=changes).may_sweep()


def test_automated_with_who_and_when_passes():
    gate()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"permission": ""}, "ask the payer"),
        ({"permission": "forbidden"}, "by hand"),
        ({"permission": "person_drives"}, "let the extension hand it over"),
        ({"allowed_by": ""}, "fill in allowed_by and allowed_on"),
        ({"allowed_by": "  "}, "fill in allowed_by and allowed_on"),
        ({"allowed_on": None}, "fill in allowed_by and allowed_on"),
        ({"base_address": ""}, "set base_address"),
    ],
)
def test_anything_else_is_refused_and_says_what_to_do(changes, says):
    with pytest.raises(PermissionMissing, match=says) as caught:
        gate(**changes)
    assert "\n" not in str(caught.value)


def test_shipped_definitions_of_real_shapes_carry_no_permission_and_no_address():
    real = [one for one in ALL.values() if not one.provenance.startswith("sandbox")]
    assert len(real) == 3
    for one in real:
        assert (one.permission, one.base_address, one.allowed_on) == ("", "", None)
        assert one.provenance == "shape from public sources, not verified live"


# -- definitions ---------------------------------------------------------------------------------

GOOD = 'name = "X"\nfamily = "meridian"\nbase_address = "https://x.example"\n'


def load(tmp_path, text, name="x.toml"):
    file = tmp_path / name
    file.write_text(text)
    return load_portal(file)


def test_a_portals_id_is_its_files_name(tmp_path):
    assert load(tmp_path, GOOD).id == "x"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + 'colour = "red"\n', r"x\.toml:4: colour: unknown key"),
        (
            GOOD + '[login]\nsubmit = "#u"\npasword = "#p"\n',
            r"x\.toml:6: login\.pasword: unknown",
        ),
        (GOOD + 'permission = "yes"\n', r"x\.toml:4: permission"),
        (GOOD + "[pacing]\nlooks_per_minute = 0\n", r"x\.toml:5: pacing\.looks_per_minute"),
        (GOOD + '[pacing]\ntime_zone = "Mars/Base"\n', r"x\.toml:5: .*no such time zone"),
        (GOOD + "[pacing]\nsign_ins_per_sweep = 21\n", r"x\.toml:5: "),
        ('name = "X"\nfamily = "meridian"\nbase_address = "http://x.example"\n', "must be https"),
        ('name = "X"\nfamily = "meridian"\nbase_address = "ftp://x"\n', "must be a web address"),
        ('name = "X"\nfamily = "m"\nbase_address = "https://a:b@x"\n', "no user name or password"),
        ('family = "meridian"\n', "name"),
        ("name = \n", "not valid TOML"),
    ],
)
def test_a_bad_definition_names_file_and_line(tmp_path, text, says):
    with pytest.raises(SettingsError, match=says):
        load(tmp_path, text)


def test_a_missing_file_and_an_unknown_family(tmp_path):
    with pytest.raises(SettingsError, match="no such file"):
        load_portal(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match=r"no module scrapers\.portals\.nowhere"):
        load(tmp_path, GOOD.replace("meridian", "nowhere")).walker()


def test_definitions_hold_no_secret_key(tmp_path):
    for key in ("user", "totp", "secret", "password_value"):
        with pytest.raises(SettingsError, match="unknown key"):
            load(tmp_path, GOOD + f'[login]\n{key} = "x"\n')


def test_moved_to_and_patterns():
    moved = ALL["meridian"].moved_to("http://127.0.0.1:9999/meridian/")
    assert moved.address("login") == "http://127.0.0.1:9999/meridian/login"
    assert moved.match_patterns() == ("http://127.0.0.1:9999/meridian/*",)
    assert ALL["multi_payer"].match_patterns() == ()
