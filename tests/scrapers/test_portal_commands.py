"""`remitlens portal`: list, check, new."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from scrapers.cli.portal import portal
from scrapers.portal import load_portal
from scrapers.skeleton import write_skeleton
from server.errors import UserError
from server.settings import settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config" / "settings.toml").touch()
    monkeypatch.setenv("REMITLENS_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("REMITLENS_SETTINGS", raising=False)
    settings.cache_clear()
    yield lambda *words: CliRunner().invoke(portal, words)
    settings.cache_clear()


def test_list_says_what_may_be_swept(run):
    done = run("list")
    assert done.exit_code == 0
    assert "fedcontract" in done.output
    assert "forbids automated reading" in done.output


def test_check_passes_and_fails(run):
    fixtures = str(ROOT / "tests/scrapers/fixtures")
    assert run("check", "fedcontract", "--fixtures", fixtures).exit_code == 0
    done = run("check", "fedcontract")
    assert done.exit_code == 1
    assert "FAIL fixtures" in done.output


@pytest.mark.parametrize("id_", ["nowhere", "../x", "X"])
def test_an_unknown_portal_is_one_line(run, id_):
    done = run("check", id_)
    assert isinstance(done.exception, UserError)


def test_new_writes_a_toml_of_a_known_family_and_a_folder(run, tmp_path):
    done = run("new", "acme", "--family", "meridian")
    assert done.exit_code == 0, done.output
    assert load_portal(tmp_path / "config/portals/acme.toml").family == "meridian"
    assert (tmp_path / "tests/scrapers/fixtures/acme").is_dir()
    again = run("new", "acme", "--family", "meridian")
    assert isinstance(again.exception, UserError)
    assert "nothing was written" in str(again.exception)


@pytest.mark.parametrize("words", [("new", "Acme"), ("new", "acme", "--family", "nowhere")])
def test_new_refuses_bad_names(run, words):
    assert isinstance(run(*words).exception, UserError)


def test_the_skeleton_is_code_that_compiles(tmp_path):
    families = tmp_path / "families"
    written = write_skeleton("acme", "", tmp_path / "config", families, tmp_path / "fixtures")
    assert [path.name for path in written] == ["acme.toml", "acme.py", "acme"]
    compile((families / "acme.py").read_text(), "acme.py", "exec")
    assert load_portal(written[0]).permission == ""
