"""Fixtures of the API's tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from server.store import people
from server.store.keys import new_key
from server.store.sealing import MasterKey
from tests.api.house import House, Login, make_house, staff


@dataclass
class Template:
    home: Path
    key: MasterKey
    logins: dict[str, Login]


QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords hashed at little cost: what they cost is held by `tests/store/test_people.py`."""
    monkeypatch.setattr(people, "_hasher", lambda: QUICK)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A migrated store with its practices and staff: copied, as migrating and hashing are slow."""
    home, key = tmp_path_factory.mktemp("api") / "home", new_key()
    house = make_house(home, key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "_hasher", lambda: QUICK)
        staff(house)
    house.store.close()
    return Template(home, key, house.logins)


@pytest.fixture
def new_house(template: Template, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes servers with two practices, on SQLite; settings of [server] may be given."""
    made: list[House] = []

    def make(**server: Any) -> House:
        home = tmp_path / f"home{len(made)}"
        shutil.copytree(template.home, home)
        made.append(make_house(home, template.key, template.logins, **server))
        return made[-1]

    yield make
    for house in made:
        house.store.close()


@pytest.fixture
def house(new_house: Callable[..., House]) -> House:
    """A server with two practices, on SQLite."""
    return new_house()
