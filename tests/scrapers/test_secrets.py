"""Where credentials come from, and that nothing shows them."""

import json

import pytest

from scrapers.errors import CredentialsMissing
from scrapers.secrets import SERVICE, Credentials, Totp, credentials, variable
from server.settings import SecretSettings

ENTRY = {"username": "jo", "password": "canary-pw", "totp": "JBSW Y3DP EHPK 3PXP"}


@pytest.fixture(autouse=True)
def empty(monkeypatch):
    kept = {}
    monkeypatch.setattr("keyring.get_password", lambda service, name: kept.get((service, name)))
    for part in ("USERNAME", "PASSWORD", "TOTP"):
        monkeypatch.delenv(variable("a-1", part), raising=False)
    return kept


def test_from_the_environment(monkeypatch):
    monkeypatch.setenv("REMITLENS_ACCOUNT_A_1_USERNAME", "jo")
    monkeypatch.setenv("REMITLENS_ACCOUNT_A_1_PASSWORD", "canary-pw")
    found = credentials("a-1", SecretSettings())
    assert found == Credentials("jo", "canary-pw")
    assert "canary" not in repr(found)
    assert "jo" not in repr(found)


def test_from_the_keyring(empty):
    empty[(SERVICE, "a-1")] = json.dumps(ENTRY)
    assert credentials("a-1", SecretSettings()).totp == "JBSWY3DPEHPK3PXP"


def test_from_a_command(tmp_path):
    file = tmp_path / "entry.json"
    file.write_text(json.dumps(ENTRY))
    chosen = SecretSettings(source="command", command=f"sh -c 'cat {file}'")
    assert credentials("a-1", chosen).username == "jo"


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        (SecretSettings(), "REMITLENS_ACCOUNT_A_1_USERNAME"),
        (SecretSettings(source="command", command="/nowhere/vault"), "did not run"),
        (SecretSettings(source="command", command="false"), "ended with 1"),
        (SecretSettings(source="command", command="echo canary-pw"), "is not JSON"),
        (SecretSettings(source="command", command="""echo '{"username": "jo"}'"""), "is not JSON"),
        (SecretSettings(source="environment"), "no user name and password"),
    ],
)
def test_what_is_missing_is_one_line_without_a_value(chosen, says):
    with pytest.raises(CredentialsMissing, match=says) as caught:
        credentials("a-1", chosen)
    assert "canary" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bad_totp_secret_is_found_before_any_login(empty):
    empty[(SERVICE, "a-1")] = json.dumps({**ENTRY, "totp": "not base32!"})
    with pytest.raises(CredentialsMissing, match="no base32 secret"):
        credentials("a-1", SecretSettings())


def test_totp_as_the_standard_says():
    """RFC 6238, appendix B, SHA-1, the last six digits; and an 80-bit secret works."""
    secret = Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    assert [secret.at(t) for t in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]
    assert len(Totp("JBSWY3DPEHPK3PXP").at(0)) == 6
