"""Fixtures of the API's tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.store.keys import new_key
from server.store.sealing import MasterKey
from tests.api.house import House, make_house


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MasterKey]:
    """A migrated store with its practices: copied for each test, as migrating is slow."""
    home, key = tmp_path_factory.mktemp("api") / "home", new_key()
    make_house(home, key).store.close()
    return home, key


@pytest.fixture
def new_house(empty_home: tuple[Path, MasterKey], tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes servers with two practices, on SQLite; settings of [server] may be given."""
    made: list[House] = []

    def make(**server: Any) -> House:
        home = tmp_path / f"home{len(made)}"
        shutil.copytree(empty_home[0], home)
        made.append(make_house(home, empty_home[1], **server))
        return made[-1]

    yield make
    for house in made:
        house.store.close()


@pytest.fixture
def house(new_house: Callable[..., House]) -> House:
    """A server with two practices, on SQLite."""
    return new_house()
