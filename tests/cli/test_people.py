"""`remitlens people`."""

from __future__ import annotations

from tests.cli.conftest import Run

PASSWORD = "a long enough password"


def test_add_list_role_reset_disable(run: Run) -> None:
    run("keys", "init")
    done = run("people", "add", "Ann", "--name", "Ann A", input=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0
    assert "otpauth://totp/" in done.stdout
    assert "biller of default" in run("people", "list").stdout
    assert run("people", "role", "ann", "default", "manager").exit_code == 0
    assert "manager of default" in run("people", "list").stdout
    run("people", "role", "ann", "default", "none")
    assert "no role" in run("people", "list").stdout
    again = run("people", "reset", "ann", "--password", PASSWORD + "2")
    assert "otpauth://totp/" in again.stdout
    assert PASSWORD not in again.stdout
    run("people", "disable", "ann")
    assert "(disabled)" in run("people", "list").stdout


def test_refusals(run: Run) -> None:
    run("keys", "init")
    assert run("people", "add", "ann", "--password", "short").exit_code == 2
    assert run("people", "reset", "nobody", "--password", PASSWORD).exit_code == 2
    assert run("people", "role", "nobody", "default", "viewer").exit_code == 2
    run("people", "add", "ann", "--password", PASSWORD)
    assert run("people", "add", "ANN", "--password", PASSWORD).exit_code == 2
    assert run("people", "role", "ann", "elsewhere", "viewer").exit_code == 2


def test_a_link_signs_in_once_on_this_machine(run: Run) -> None:
    run("keys", "init")
    run("people", "add", "ann", "--password", PASSWORD)
    done = run("people", "link", "ANN")
    assert done.exit_code == 0
    assert done.stdout.startswith("http://127.0.0.1:8737/enter/")
    assert run("people", "link", "nobody").exit_code == 2
    run("people", "disable", "ann")
    assert run("people", "link", "ann").exit_code == 2
