"""Each fault of `thicket` through a whole sweep: its error, the account's state, the submits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from night_worker import TODAY
from nights import SEED, Night

from scrapers.sandbox.desk import FAULTS
from scrapers.sandbox.serve import RunningSandbox, running_sandbox
from server.store import accounts, sweeps

EXPECTED = {
    # fault: (error of the account's part of the sweep, account's state, login submits)
    "wrong_password": ("WrongPassword", "stopped", 1),
    "lockout": ("AccountLocked", "stopped", 1),
    "terms": ("ActionNeeded", "paused", 1),
    "expired_password": ("ActionNeeded", "paused", 1),
    "captcha": ("CaptchaShown", "paused", 1),
    "sms": ("CodeNeeded", "waits", 1),
    "blocked": ("Blocked", "paused", 1),
    "strange_login": ("SiteChanged", "paused", 1),
    "server_error": ("SiteDown", "active", 1),
    "maintenance": ("SiteDown", "active", 1),
    "slow_down": ("SlowDown", "active", 1),
    "half_loaded": ("SiteDown", "active", 1),
    "renamed_header": ("SiteChanged", "active", 1),
    "empty_claim": ("SiteChanged", "active", 1),
    "absent_row": ("SiteChanged", "active", 1),
    "login_page": ("SignInsUsed", "active", 3),
    "one_day": ("", "active", 1),
    "very_slow": ("", "active", 1),
}
CANARIES = ("Sandbox-thicket-107", "@thicket.example")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Night, RunningSandbox, str]]:
    """One sweep over an account a fault; each is alone at its portal, so no one stops another."""
    with running_sandbox(SEED, TODAY, delay=0.02) as sandbox:
        sandbox.desk.slow = 2.0
        named = tuple((f"thicket-{fault}", f"thicket.{fault}", fault) for fault in FAULTS)
        night = Night(
            tmp_path_factory.mktemp("faults"),
            sandbox,
            tuple(portal for _, portal, _ in named),
            0,
            accounts=named,
            told={
                "REMITLENS_SWEEP__TRIES": "2",
                # Most of them wait for what does not come: many at once make it short.
                "REMITLENS_SWEEP__ACCOUNTS_AT_ONCE": "10",
                "NIGHT_SECONDS_TO_WAIT": "8",
                "NIGHT_SIGN_INS": "3",
                "REMITLENS_SWEEP__SIGN_IN_SECONDS_APART": "0",
            },
        )
        night.bring_in()
        try:
            sweep = night.start()
            out, err = night.run("work", "faults", sweep).communicate(timeout=280)
            assert "Traceback" not in err, err[-3000:]
            # What it said is a log as any other: it is searched with the rest.
            (night.home / "said.log").write_text(out + err)
            yield night, sandbox, sweep
        finally:
            night.end()


@pytest.mark.browser
@pytest.mark.timeout(320)
@pytest.mark.parametrize("fault", EXPECTED)
def test_each_fault_has_its_error_and_its_effect(swept, fault):
    night, sandbox, sweep = swept
    error, state, submits = EXPECTED[fault]
    store = night.open()
    try:
        report = sweeps.report(store, {"default"}, sweep)
        mine = next(one for one in report.accounts if one.account == f"thicket-{fault}")
        account = accounts.one(store, f"thicket-{fault}")
    finally:
        store.close()
    assert (mine.error, account.state) == (error, state), mine
    assert bool(mine.reason) is bool(error)
    assert mine.planned == 0
    assert sandbox.counts("thicket", fault).get("submits", 0) == submits


@pytest.mark.browser
def test_a_sweep_leaves_no_password_name_or_member_number(swept):
    night, sandbox, _ = swept
    patients = [claim.sent.patient for claim in sandbox.world.of("thicket")]
    people = {patient.last_name for patient in patients}
    members = {patient.member_id for patient in patients}
    planted = [word for word in (*CANARIES, *people, *members) if len(word) > 3]
    assert len(planted) > 3
    for file in night.home.rglob("*"):
        # What the practice's own export wrote is the import's source, not what the sweep left.
        if not file.is_file() or file.parent.name == "practice":
            continue
        content = file.read_bytes().lower()
        for word in planted:
            assert word.lower().encode() not in content, (file.name, word[:2])
