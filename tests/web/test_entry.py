"""The first person's way in."""

from __future__ import annotations

import pytest

from server.entry import entry_address, first_person
from server.errors import UserError
from server.settings import ServerSettings, Settings
from server.store import open_store, people
from server.store.keys import new_key
from tests.api.house import HOST, House


def test_the_first_person_is_made_once(tmp_path) -> None:
    store = open_store(Settings(home=tmp_path / "home"), [new_key()])
    try:
        made = first_person(store, "default", "Ann", "Ann A")
        assert (made.login, made.name, made.roles) == ("ann", "Ann A", {"default": "admin"})
        assert not made.has_password
        assert first_person(store, "default", "ann").id == made.id
        with pytest.raises(UserError):
            first_person(store, "default", "bob")
        assert len(people.everyone(store)) == 1
    finally:
        store.close()


def test_the_address_leads_to_the_door(house: House) -> None:
    address = entry_address(house.store, house.settings.server, "biller", "cli:test")
    assert address.startswith("http://127.0.0.1:8737/enter/")
    answer = house.client.get(address.removeprefix("http://127.0.0.1:8737"), headers=HOST)
    # The house's clock stands still; the link was made by the real one and is not yet old there.
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "server",
    [
        ServerSettings(behind_proxy=True),
        ServerSettings(host="0.0.0.0", tls_certificate="c", tls_key="k"),
    ],
)
def test_no_link_where_others_reach_the_server(house: House, server: ServerSettings) -> None:
    with pytest.raises(UserError, match="loopback"):
        entry_address(house.store, server, "biller", "cli:test")
