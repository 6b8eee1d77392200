"""Every decision case through the door and the store: the same answers, in whatever order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import intake
from server.case_folders import CaseFolder, case_folders, read_case, run_case
from server.intake import deciding
from server.pair_store import read_pairs
from server.settings import Settings
from server.store import Store, open_store, worklist
from server.store.keys import new_key
from server.store.worklist import Filter

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = case_folders(ROOT / "tests/co107/cases")
STARTER = read_pairs(ROOT / "config/pairs/starter.csv", starter=True)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Settings]]:
    """One store for all cases: a practice each."""
    settings = Settings(home=tmp_path_factory.mktemp("cases"))
    opened = open_store(settings, [new_key()])
    yield opened, settings
    opened.close()


def expected_of(case: CaseFolder) -> list[tuple]:
    return sorted(
        (
            one.key.claim, one.key.procedure, one.key.modifiers, one.key.line_control,
            one.decision.state, one.decision.reason, one.decision.route or "",
            str(one.decision.deadline), one.decision.amount,
        )
        for one in run_case(case).lines
    )  # fmt: skip


def kept(store: Store, practice: str) -> list[tuple]:
    page = worklist.page(store, frozenset({practice}), Filter(open_only=False), limit=500)
    return sorted(
        (
            row.claim, row.procedure, row.modifiers, row.line_control, row.state, row.reason,
            row.route, str(row.deadline), row.amount,
        )
        for row in page.rows
    )  # fmt: skip


def take(store: Store, settings: Settings, practice: str, case: CaseFolder, part: object) -> int:
    named = {"who": "test", "today": case.surroundings.today, "settings": settings}
    if isinstance(part, Path):
        done = intake.import_files(store, practice, [(part.name, part.read_bytes())], **named)
        assert done.files[0].taken, done.files[0].reason
        return sum(one.new for one in done.files) + len(done.lines)
    change = intake.observe(store, practice, part, **named)
    return change.new + len(change.lines)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("number", range(len(FOLDERS)), ids=[name for name, _ in FOLDERS])
def test_any_order_gives_the_same(
    shelf: tuple[Store, Settings], number: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, settings = shelf
    name, folder = FOLDERS[number]
    case = read_case(name, folder, STARTER)
    monkeypatch.setattr(deciding, "surroundings", lambda *_: case.surroundings)
    practice = f"case-{number}-{seed}"
    parts: list[object] = [
        file for file in sorted(folder.iterdir()) if file.suffix in (".835", ".837")
    ]
    parts += [folder / file for file in ("charges.csv", "sent.csv") if (folder / file).is_file()]
    parts += case.facts.looks
    if seed:
        random.Random(seed).shuffle(parts)
    for part in parts:
        take(store, settings, practice, case, part)
    assert kept(store, practice) == expected_of(case)
    for part in parts:
        assert take(store, settings, practice, case, part) == 0
