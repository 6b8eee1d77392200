"""Starting: what is refused before anything listens, each in one line; and a real server."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.serving import ServeError, check, is_loopback
from server.settings import ServerSettings
from server.store.keys import ENVIRONMENT
from server.store.sealing import MasterKey
from tests.api.house import ROOT
from tests.api.live import Live, command, environment, free_port, served, wait_for


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    """A self-signed certificate and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    day = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day - timedelta(days=1))
        .not_valid_after(day + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "c.pem", tmp_path / "k.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(files[0]), str(files[1])


def test_loopback_is_told_from_the_rest() -> None:
    assert all(is_loopback(one) for one in ("127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"))
    assert not any(is_loopback(one) for one in ("0.0.0.0", "::", "10.0.0.1", "example.com", ""))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_beyond_this_machine_it_wants_tls_or_a_proxy(host: str) -> None:
    with pytest.raises(ServeError, match="is not loopback"):
        check(ServerSettings(host=host, port=free_port()))


def test_a_stated_proxy_or_a_certificate_lets_it_listen(certificate: tuple[str, str]) -> None:
    check(ServerSettings(host="0.0.0.0", port=free_port(), behind_proxy=True))
    check(
        ServerSettings(
            host="0.0.0.0",
            port=free_port(),
            tls_certificate=certificate[0],
            tls_key=certificate[1],
        )
    )


def test_tls_needs_both_files_and_they_must_fit(
    certificate: tuple[str, str], tmp_path: Path
) -> None:
    with pytest.raises(ServeError, match="go together"):
        check(ServerSettings(port=free_port(), tls_certificate=certificate[0]))
    with pytest.raises(ServeError, match="no such file"):
        check(ServerSettings(port=free_port(), tls_certificate="/nowhere", tls_key="/nowhere"))
    junk = tmp_path / "junk"
    junk.write_text("no key")
    with pytest.raises(ServeError, match="cannot be used together"):
        check(ServerSettings(port=free_port(), tls_certificate=certificate[0], tls_key=str(junk)))


def test_a_port_in_use_is_one_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ServeError, match="in use by another program"):
            check(ServerSettings(port=other.getsockname()[1]))


@pytest.mark.parametrize("address", ["192.0.2.1", "no such host"])
def test_an_address_that_is_not_ours_is_one_line(address: str) -> None:
    with pytest.raises(ServeError, match=r"does not have|cannot be listened"):
        check(ServerSettings(host=address, port=free_port(), behind_proxy=True))


def run(tmp_path: Path, key: MasterKey, *arguments: str, **more: str):
    given = environment(tmp_path / "home", key, free_port(), **more)
    return subprocess.run(
        command("serve", *arguments),
        cwd=ROOT,
        env={name: value for name, value in given.items() if value},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_a_key_it_does_not_start(tmp_path: Path, store_key: MasterKey) -> None:
    done = run(tmp_path, store_key, **{ENVIRONMENT: "", "REMITLENS_KEYS__SOURCE": "file"})
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "remitlens keys init" in done.stderr


def test_beyond_loopback_the_command_ends_with_2(tmp_path: Path, store_key: MasterKey) -> None:
    done = run(tmp_path, store_key, "--host", "0.0.0.0")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "0.0.0.0 is not loopback" in done.stderr


def test_a_real_server_answers_and_ends(tmp_path: Path, store_key: MasterKey) -> None:
    home = tmp_path / "home"
    with served(home, store_key) as live:
        assert live.ask("/api/v1/codes/CO-107")[0] == 200
        assert live.ask("/api/v1/codes/CO-107", Authorization="Bearer x")[0] == 401
        assert live.ask("/healthz", Host="evil.example")[0] == 421
        status, body = live.ask("/api/v1/openapi.json")
        assert status == 200
        assert json.loads(body)["openapi"] == "3.1.0"
    assert live.process.returncode in (0, -15)
    for line in live.log.read_text().splitlines():
        if line.startswith("{"):
            json.loads(line)
        else:
            assert line.startswith("remitlens: http://127.0.0.1:"), line


def test_tls_of_its_own(tmp_path: Path, store_key: MasterKey, certificate: tuple[str, str]) -> None:
    import ssl
    import urllib.request

    context = ssl.create_default_context(cafile=certificate[0])
    home = tmp_path / "home"
    port = free_port()
    given = environment(
        home,
        store_key,
        port,
        REMITLENS_SERVER__TLS_CERTIFICATE=certificate[0],
        REMITLENS_SERVER__TLS_KEY=certificate[1],
    )
    process = subprocess.Popen(
        command("serve"), cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(
                    f"https://localhost:{port}/healthz", context=context, timeout=5
                ) as answer:
                    assert "max-age" in answer.headers["Strict-Transport-Security"]
                    break
            except OSError:
                assert process.poll() is None
                __import__("time").sleep(0.1)
        else:
            pytest.fail("no answer over TLS")
    finally:
        process.terminate()
        process.communicate(timeout=15)


def test_without_granian_waitress_serves(tmp_path: Path, store_key: MasterKey) -> None:
    program = (
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'granian' else find(name, *more)\n"
        "from server.serving import serve\n"
        "from server.settings import settings\n"
        "serve(settings())\n"
    )
    port = free_port()
    given = environment(tmp_path / "home", store_key, port)
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=given,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    live = Live(port, process, "none", tmp_path / "none")
    try:
        wait_for(live)
        assert live.ask("/api/v1/codes/107")[0] == 401
        body = b"x" * 3000
        assert live.ask("/api/v1/pairing", "POST", body, Content_Type="text/plain")[0] == 413
        assert live.ask("/readyz", Host="evil.example")[0] == 421
    finally:
        process.terminate()
        process.wait(15)
