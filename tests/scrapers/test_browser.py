"""Which browser is taken, with which switches, and the one line where there is none."""

import stat

import pytest

from scrapers import browser
from scrapers.errors import BrowserMissing


def program(folder, name):
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "_PLACES", {})
    return tmp_path


def test_the_order(path):
    for name in ("microsoft-edge", "chromium", "google-chrome", "own"):
        program(path, name)
    own, mine = str(path / "own"), program(path, "mine")
    assert browser.find_browser(mine, own) == browser.FoundBrowser(mine, "configured")
    assert browser.find_browser("", own).how == "Playwright's own"
    hows = []
    for name in ("google-chrome", "chromium", "microsoft-edge"):
        hows.append(browser.find_browser("", str(path / "gone")).how)
        (path / name).unlink()
    assert hows == ["Chrome", "Chromium", "Edge"]


def test_a_missing_browser_names_the_command(path):
    with pytest.raises(BrowserMissing, match="install") as caught:
        browser.find_browser("", "")
    assert "\n" not in str(caught.value)
    with pytest.raises(BrowserMissing, match="no such program"):
        browser.find_browser("/nowhere/chrome", "")


def test_the_command_fits_the_system(tmp_path):
    debian = tmp_path / "os-release"
    debian.write_text('NAME="X"\nID=debian\n')
    assert browser.install_command(str(debian), root=True) == "apt-get install -y chromium"
    assert browser.install_command(str(debian), root=False).startswith("sudo apt-get")
    ubuntu = tmp_path / "ubuntu"
    ubuntu.write_text("ID=ubuntu\nID_LIKE=debian\n")
    assert "apt-get" in browser.install_command(str(ubuntu), root=True)
    assert browser.install_command(str(tmp_path / "none"), root=False).endswith(
        "-m playwright install chromium"
    )


def test_the_sandbox_is_given_up_only_as_root():
    assert "--no-sandbox" in browser.flags(root=True)
    assert "--no-sandbox" not in browser.flags(root=False)
    for flag in ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
                 "--disable-background-networking", "--disable-component-update"):  # fmt: skip
        assert flag in browser.FLAGS


def test_memory_of_descendants(tmp_path):
    for process, parent, pages in ((10, 1, 999999), (20, 10, 512), (30, 20, 256), (40, 1, 9999)):
        (tmp_path / str(process)).mkdir()
        (tmp_path / str(process) / "stat").write_text(f"{process} (a) b) S {parent} 0 0")
        (tmp_path / str(process) / "statm").write_text(f"0 {pages} 0")
    assert browser.resident_mebibytes(10, tmp_path) == 3
    assert browser.resident_mebibytes(10, tmp_path / "none") == 0
