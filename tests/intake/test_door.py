"""The door: each file whole or not at all, each fact once, and what is sent, undone and packed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import date
from pathlib import Path

import pytest

from server import intake
from server.intake import deciding
from server.intake.reading import kind_of
from server.settings import IntakeSettings, Settings
from server.store import (
    NotThereError,
    RefusedError,
    Store,
    audit,
    events,
    packets,
    practices,
    upkeep,
    worklist,
)
from server.store.keys import encode
from server.store.sealing import MasterKey
from server.store.worklist import Filter
from tests.intake.example import CASES, config_of, files_of

TODAY = date(2026, 3, 1)
SCOPE = frozenset({"default"})
EXAMPLE = CASES / "6j-worked-example"
APPEAL = CASES / "6e-primary-paid"


@pytest.fixture
def settings(store_settings: Settings, tmp_path: Path) -> Settings:
    config = config_of(EXAMPLE, tmp_path / "config")
    return store_settings.model_copy(update={"config": config})


def take(store: Store, settings: Settings, case: Path = EXAMPLE, today: date = TODAY):
    return intake.import_files(
        store, "default", files_of(case), who="ann", today=today, settings=settings
    )


def only(store: Store) -> worklist.LineRow:
    rows = worklist.page(store, SCOPE, Filter(open_only=False)).rows
    assert len(rows) == 1
    return rows[0]


def test_the_worked_example(store: Store, settings: Settings) -> None:
    done = take(store, settings)
    assert [one.taken for one in done.files] == [True] * 3
    row = only(store)
    assert (row.state, row.reason, row.route) == (
        "ready", "primary_not_billed", "replacement_claim",
    )  # fmt: skip
    assert (row.deadline, row.amount, row.carcs) == (date(2026, 8, 9), 1150, ("107",))
    assert "22612" in row.missing
    assert row.payer == "meridian"
    assert row.patient.last_name
    detail = worklist.line(store, SCOPE, row.id).detail
    assert detail["steps"][-1][0] == "8b"
    assert any(one.get("source", {}).get("segment") for one in detail["evidence"])


def test_a_repeat_changes_nothing(store: Store, settings: Settings) -> None:
    take(store, settings)
    before = practices.version(store, SCOPE), upkeep.counts(store, "default")
    again = take(store, settings)
    assert [(one.new, one.taken) for one in again.files] == [(0, True)] * 3
    assert (again.lines, again.decided) == ((), 0)
    assert (practices.version(store, SCOPE), upkeep.counts(store, "default")) == before


BAD = {
    "page.835": b"<!DOCTYPE html><html><body>Please sign in</body></html>",
    "empty.835": b"",
    "blank.835": b" \n \n",
    "words.835": b"Dear sirs, please find attached",
    "picture.835": bytes(range(256)) * 40,
    "other.csv": b"a,b,c\n1,2,3\n",
    "270.edi": b"ISA*00*          *00*          *ZZ*A              *ZZ*B              "
    b"*260101*1200*^*00501*000000001*0*P*:~GS*HS*A*B*20260101*1200*1*X*005010X279A1~"
    b"ST*270*0001~SE*2*0001~GE*1*1~IEA*1*000000001~",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_changes_nothing_and_says_why(
    sqlite_store: Store, tmp_path: Path, name: str
) -> None:
    settings = Settings(home=sqlite_store.home, config=config_of(EXAMPLE, tmp_path / "c"))
    good = files_of(EXAMPLE)
    done = intake.import_files(
        sqlite_store, "default", [good[0], (name, BAD[name]), *good[1:]], who="ann", today=TODAY,
        settings=settings,
    )  # fmt: skip
    assert [one.taken for one in done.files] == [True, False, True, True]
    refused = done.files[1]
    assert refused.reason
    assert "\n" not in refused.reason
    assert "sirs" not in refused.reason
    assert done.refused == 1
    assert upkeep.counts(sqlite_store, "default")["documents"] == 3
    assert only(sqlite_store).state == "ready"


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("which", [".835", ".837"])
def test_a_truncated_file_takes_nothing(
    sqlite_store: Store, tmp_path: Path, cut: float, which: str
) -> None:
    settings = Settings(home=sqlite_store.home, config=config_of(EXAMPLE, tmp_path / "c"))
    name, content = next(one for one in files_of(EXAMPLE) if one[0].endswith(which))
    short = content[: int(len(content) * cut)]
    done = intake.import_files(
        sqlite_store, "default", [(name, short)], who="ann", today=TODAY, settings=settings
    )
    assert not done.files[0].taken
    assert upkeep.counts(sqlite_store, "default") == {
        "documents": 0, "cohorts": 0, "facts": 0, "lines": 0, "packets": 0,
    }  # fmt: skip


def test_a_file_too_large_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    settings = Settings(
        home=sqlite_store.home,
        config=config_of(EXAMPLE, tmp_path / "c"),
        intake=IntakeSettings(max_file_mib=1),
    )
    done = intake.import_files(
        sqlite_store, "default", [("big.835", b"ISA*" * 300_000)], who="ann", today=TODAY,
        settings=settings,
    )  # fmt: skip
    assert done.files[0].reason == "larger than 1 MiB"


def test_a_bad_charge_row_is_named(sqlite_store: Store, tmp_path: Path) -> None:
    settings = Settings(home=sqlite_store.home, config=config_of(EXAMPLE, tmp_path / "c"))
    raw = dict(files_of(EXAMPLE))["charges.csv"].replace(b"4000.00", b"MANY-SECRET")
    done = intake.import_files(
        sqlite_store, "default", [("charges.csv", raw)], who="ann", today=TODAY, settings=settings
    )
    assert "charges.csv:2" in done.files[0].reason
    assert "SECRET" not in done.files[0].reason


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"ISA*00*...~GS*HP*~ST*835*0001~", "835"),
        (b"\xef\xbb\xbf  ISA|00|...~GS|HC|~ST|837|0001~", "837"),
        (b"GS*HP*~ST*835*1~", "835"),
        (b"ISA*00*...~ST*834*0001*835~", "unknown"),
        (b"claim,procedure,sent_on,kind\n", "sent"),
        (b"Claim;Procedure;Sent On;Kind\n", "sent"),
        ("claim\tsent_on\tkind\n".encode("utf-16"), "sent"),
        (b"\npatient_id,service_date,procedure,charge,signed_off\n", "charges"),
        (b"payer_name,claim,produced,procedure,charge,paid,adjustments\n", "eob"),
        (b"", "unknown"),
    ],
)
def test_kinds(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


def test_the_next_day_decides_again(store: Store, settings: Settings) -> None:
    take(store, settings)
    done = intake.decide_again(store, "default", today=date(2026, 8, 9), settings=settings)
    assert (done.decided, done.lines) == (1, ())
    done = intake.decide_again(store, "default", today=date(2026, 8, 10), settings=settings)
    assert len(done.lines) == 1
    assert (only(store).state, only(store).reason) == ("review", "deadline_passed")


def test_only_touched_patients_are_decided(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(store, settings)
    seen: list[int] = []
    real = deciding.decide_all
    monkeypatch.setattr(
        deciding, "decide_all", lambda known, around: seen.append(1) or real(known, around)
    )
    other = dict(files_of(EXAMPLE))["remittance-1.835"]
    for old, new in ((b"C1", b"ZZ9"), (b"M100", b"M777"), (b"ICN", b"OCN")):
        other = other.replace(old, new)
    intake.import_files(
        store, "default", [("other.835", other)], who="ann", today=TODAY, settings=settings
    )
    assert len(seen) == 1


def test_sent_and_undone(store: Store, settings: Settings) -> None:
    take(store, settings)
    line = only(store).id
    named = {"who": "ann", "today": TODAY, "settings": settings}
    first = intake.sent(store, SCOPE, line, on=date(2026, 2, 20), **named)
    assert only(store).state == "resubmitted"
    assert only(store).sent_on == date(2026, 2, 20)
    second = intake.sent(store, SCOPE, line, on=date(2026, 2, 20), **named)
    # Two said the same: it stands until both take it back.
    intake.undo(store, SCOPE, line, event=first.id, **named)
    assert only(store).state == "resubmitted"
    with pytest.raises(RefusedError):
        intake.undo(store, SCOPE, line, event=first.id, **named)
    intake.undo(store, SCOPE, line, event=second.id, **named)
    assert only(store).state == "ready"
    assert only(store).sent_on is None
    with pytest.raises(NotThereError):
        intake.sent(store, frozenset({"other"}), line, on=TODAY, **named)
    whats = [row.what for row in audit.rows(store)]
    assert whats.count("line.sent") == 2
    assert whats.count("line.undo") == 2


def test_appealed(store: Store, settings: Settings) -> None:
    take(store, settings)
    line = only(store).id
    named = {"who": "ann", "today": TODAY, "settings": settings}
    intake.sent(store, SCOPE, line, on=date(2026, 2, 20), kind="appeal", **named)
    assert only(store).state == "appealed"


def test_a_packet_is_built_kept_and_the_same_again(store: Store, settings: Settings) -> None:
    take(store, settings)
    line = only(store).id
    named = {"who": "ann", "today": TODAY, "settings": settings}
    first = intake.build_packet(store, SCOPE, line, **named)
    assert first.lines == (line,)
    contents = packets.files(store, SCOPE, first.id)
    corrected = next(body for name, body in contents.items() if name.endswith(".837"))
    original = dict(files_of(EXAMPLE))["claims-p-1.837"]
    assert b"22612" in corrected
    assert b"22612" not in original
    assert b"9000000" in corrected
    assert any(name.endswith(".pdf") for name in contents)
    assert any(name.endswith(".html") for name in contents)
    again = intake.build_packet(store, SCOPE, line, **named)
    assert again.id == first.id
    assert packets.live(store, SCOPE, line).id == first.id
    # Its own packet does not make its charge a billed one.
    assert only(store).state == "ready"


def test_a_packet_without_the_original_says_so(store: Store, settings: Settings) -> None:
    lean = settings.model_copy(update={"intake": IntakeSettings(keep_claim_files=False)})
    take(store, lean)
    made = intake.build_packet(store, SCOPE, only(store).id, who="ann", today=TODAY, settings=lean)
    assert not any(name.endswith(".837") for name in made.files)
    pages = packets.files(store, SCOPE, made.id)
    assert b"not at hand" in next(body for name, body in pages.items() if name.endswith("html"))


def test_an_appeal_gets_a_letter(store: Store, settings: Settings, tmp_path: Path) -> None:
    other = settings.model_copy(update={"config": config_of(APPEAL, tmp_path / "appeal")})
    take(store, other, APPEAL)
    row = next(one for one in worklist.page(store, SCOPE).rows if one.state == "appeal")
    made = intake.build_packet(store, SCOPE, row.id, who="ann", today=TODAY, settings=other)
    assert made.route == "appeal"
    assert all("appeal" in name for name in made.files)


def test_nothing_is_built_for_what_is_not_ready(store: Store, settings: Settings) -> None:
    take(store, settings)
    line = only(store).id
    late = date(2026, 8, 10)
    with pytest.raises(RefusedError, match="deadline_passed"):
        intake.build_packet(store, SCOPE, line, who="ann", today=late, settings=settings)
    assert packets.live(store, SCOPE, line) is None


def test_a_packet_no_line_needs_is_live_no_more(store: Store, settings: Settings) -> None:
    take(store, settings)
    line = only(store).id
    named = {"who": "ann", "today": TODAY, "settings": settings}
    made = intake.build_packet(store, SCOPE, line, **named)
    intake.decide_again(store, "default", today=date(2026, 8, 10), settings=settings)
    assert only(store).state == "review"
    assert packets.live(store, SCOPE, line) is None
    assert not packets.packet(store, SCOPE, made.id).live


def test_a_sent_packet_stays(store: Store, settings: Settings) -> None:
    take(store, settings)
    line = only(store).id
    named = {"who": "ann", "today": TODAY, "settings": settings}
    made = intake.build_packet(store, SCOPE, line, **named)
    intake.sent(store, SCOPE, line, on=TODAY, **named)
    assert packets.live(store, SCOPE, line).id == made.id


EOB = b"""payer_name,payer_id,claim,payer_claim_control_number,status,produced,member_id,procedure,\
charge,paid,first_day,adjustments,remarks
Meridian Health,MRD01,H1,HICN,1,2026-02-10,M100,22614,1150.00,0,2026-01-15,CO 107 1150.00,N122
Meridian Health,MRD01,H1,HICN,1,2026-02-10,M100,99213,90.00,60,2026-01-15,CO-45 30.00,
"""


def test_a_hand_entered_eob(store: Store, settings: Settings) -> None:
    done = intake.import_files(
        store, "default", [("eob.csv", EOB)], who="ann", today=TODAY, settings=settings
    )
    assert (done.files[0].kind, done.files[0].new) == ("eob", 1)
    row = only(store)
    assert (row.claim, row.procedure, row.state) == ("H1", "22614", "review")
    assert row.rarcs == ("N122",)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        (b"CO 107 1150.00", b"XX 107 1150.00", "adjustments"),
        (b"CO 107 1150.00", b"CO 107", "adjustments"),
        (b"CO 107 1150.00", b"CO 107 much", "adjustments"),
        (b",H1,", b",,", "claim"),
        (b"2026-02-10", b"", "produced"),
        (b"Meridian Health,MRD01", b",", "payer_name"),
        (b"HICN,1,", b"HICN,99,", "status"),
        (b"1150.00,0,", b"lots,0,", "charge"),
    ],
)
def test_a_bad_eob_names_row_and_column(old: bytes, new: bytes, column: str) -> None:
    with pytest.raises(Exception, match=column) as caught:
        intake.read_eobs(EOB.replace(old, new), "eob.csv")
    assert ":2:" in str(caught.value)


def test_an_eob_of_a_form() -> None:
    form = {
        "payer_name": "Meridian Health", "claim": "H1", "produced": "2026-02-10",
        "procedure": "22614", "charge": "1,150.00", "paid": "0", "adjustments": "co-107 1150",
    }  # fmt: skip
    found = intake.answers_of([form], "form")[0]
    assert (found.status, found.charge, found.lines[0].adjustments[0].carc) == ("4", 1150, "107")


def test_cut_off_between_intake_and_decision(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deciding, "decide_all", stop)
    with pytest.raises(KeyboardInterrupt):
        take(store, settings)
    monkeypatch.undo()
    assert worklist.page(store, SCOPE).rows == ()
    done = intake.import_files(store, "default", [], who="ann", today=TODAY, settings=settings)
    assert done.decided == 1
    assert only(store).state == "ready"


IMPORTER = textwrap.dedent(
    """
    import sys
    from datetime import date
    from pathlib import Path
    from server import intake
    from server.settings import Settings, StoreSettings
    from server.store import open_store, practices
    home, config, url, file = sys.argv[1:5]
    settings = Settings(home=Path(home), config=Path(config), store=StoreSettings(url=url))
    store = open_store(settings)
    practices.ensure(store, "default")
    print("go", flush=True)
    intake.import_files(
        store, "default", [("big.835", Path(file).read_bytes())], who="x",
        today=date(2026, 3, 1), settings=settings,
    )
    print("done", flush=True)
    """
)


def big(lines: int) -> bytes:
    """A remittance of so many claims, from the example's one."""
    text = dict(files_of(EXAMPLE))["remittance-1.835"].decode()
    terminator = "~"
    segments = [one.strip("\n") for one in text.split(terminator) if one.strip()]
    start = next(i for i, one in enumerate(segments) if one.startswith("CLP*"))
    end = next(i for i, one in enumerate(segments) if one.startswith(("SE*", "PLB*")))
    body = segments[start:end]
    claims = [
        one.replace("*C1*", f"*K{number}*").replace("M100", f"N{number}")
        for number in range(lines)
        for one in body
    ]
    whole = [*segments[:start], *claims, *segments[end:]]
    opening = next(i for i, one in enumerate(whole) if one.startswith("ST*"))
    closing = next(i for i, one in enumerate(whole) if one.startswith("SE*"))
    control = whole[closing].split("*")[2]
    whole[closing] = f"SE*{closing - opening + 1}*{control}"
    return ("~\n".join(whole) + "~\n").encode()


@pytest.mark.parametrize("wait", [0.05, 0.5, 1.0])
def test_killed_in_the_middle_leaves_all_or_nothing(
    store: Store, settings: Settings, store_key: MasterKey, tmp_path: Path, wait: float
) -> None:
    file = tmp_path / "big.835"
    file.write_bytes(big(1500))
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORTER, str(settings.home), str(settings.config),
         settings.store.url, str(file)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "REMITLENS_KEY": encode([store_key])},
    )  # fmt: skip
    assert process.stdout.readline() == "go\n"
    time.sleep(wait)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    found = upkeep.counts(store, "default")
    assert found["facts"] in (0, 1500)
    assert found["documents"] == (1 if found["facts"] else 0)
    again = intake.import_files(
        store, "default", [("big.835", file.read_bytes())], who="x", today=TODAY,
        settings=settings,
    )  # fmt: skip
    assert again.files[0].new in (0, 1500)
    counted = upkeep.counts(store, "default")
    assert (counted["facts"], counted["lines"]) == (1500, 1500)
    assert sum(one.lines for one in worklist.totals(store, SCOPE).states) == 1500
    assert audit.verify(store).problem == ""


def test_events_stay_with_their_line_when_its_claim_is_loaded(
    store: Store, settings: Settings
) -> None:
    files = dict(files_of(EXAMPLE))
    named = {"who": "ann", "today": TODAY, "settings": settings}
    intake.import_files(store, "default", [("r.835", files["remittance-1.835"])], **named)
    line = only(store).id
    events.note(store, SCOPE, line, "call", "ann")
    intake.import_files(store, "default", list(files.items()), **named)
    assert only(store).id == line
    assert len(events.history(store, SCOPE, line)) == 1
