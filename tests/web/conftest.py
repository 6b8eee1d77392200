"""Fixtures of the pages' tests: the API's house, and someone signed in to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.conftest import house, new_house, template
from tests.api.house import HOST, House

__all__ = ["house", "new_house", "template"]


@dataclass
class Visitor:
    """A browser without scripts: what a person gets by links and forms alone."""

    house: House
    client: FlaskClient
    answer: TestResponse = field(init=False)

    def get(self, path: str, **headers: str) -> BeautifulSoup:
        self.answer = self.client.get(path, headers=HOST | headers)
        return self.page

    def post(self, path: str, follow: bool = True, **form: Any) -> BeautifulSoup:
        headers = HOST | {"X-CSRFToken": self.house.csrf(self.client)}
        self.answer = self.client.post(path, data=form, headers=headers)
        while follow and self.answer.status_code == 303:
            self.answer = self.client.get(self.answer.headers["Location"], headers=HOST)
        return self.page

    @property
    def page(self) -> BeautifulSoup:
        return BeautifulSoup(self.answer.data, "lxml")

    @property
    def words(self) -> str:
        return " ".join(self.page.get_text(" ").split())


@pytest.fixture
def visit(house: House) -> Callable[[str], Visitor]:
    """Someone of a role, signed in."""

    def of(login: str = "biller") -> Visitor:
        return Visitor(house, house.signed_in(login))

    return of
