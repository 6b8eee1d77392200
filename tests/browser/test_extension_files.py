"""The extension's files, without a browser: made parts fresh, words complete, pure modules, the zip."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from server.cli.extension import bundle_text, extension, extension_folder, shared_text

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "extension"
NODE = ROOT / ".venv/bin/node"


def source_files() -> list[Path]:
    return [file for file in EXTENSION.rglob("*.js") if file.name != "shared.js"]


def node(code: str) -> Any:
    """What a module script prints as JSON; `chrome` is there as far as pure modules touch it."""
    words = json.loads((EXTENSION / "_locales/en/messages.json").read_text())
    setup = (
        f"const WORDS = {json.dumps(words)};\n"
        "globalThis.chrome = { i18n: { getMessage: (key, words = []) => (WORDS[key]?.message ?? '')"
        ".replace(/\\$(\\d)/g, (all, at) => [].concat(words)[at - 1] ?? '') } };\n"
        "const t = (key, ...words) => chrome.i18n.getMessage(key, words);\n"
    )
    done = subprocess.run(
        [NODE, "--input-type=module", "-"],
        input=setup + code,
        capture_output=True,
        text=True,
        cwd=EXTENSION,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_made_is_fresh() -> None:
    assert (EXTENSION / "bundle.json").read_text() == bundle_text(), (
        "run: remitlens extension bundle"
    )
    assert (EXTENSION / "content/shared.js").read_text() == shared_text(EXTENSION)


def test_check_says_what_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "extension"
    (folder / "content").mkdir(parents=True)
    for file in EXTENSION.glob("*.js"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "bundle.json").write_text("{}")
    monkeypatch.setattr("server.cli.extension.extension_folder", lambda: folder)
    checked = CliRunner().invoke(extension, ["bundle", "--check"])
    assert checked.exit_code == 1
    assert "bundle.json: stale" in checked.output
    assert CliRunner().invoke(extension, ["bundle"]).exit_code == 0
    assert CliRunner().invoke(extension, ["bundle", "--check"]).output == ""


def test_the_shipped_list_is_small_enough() -> None:
    assert len(bundle_text().encode()) < 700_000


def test_every_word_used_is_there_and_every_word_there_is_used() -> None:
    words = set(json.loads((EXTENSION / "_locales/en/messages.json").read_text()))
    text = "\n".join(file.read_text() for file in source_files())
    text += "".join(file.read_text() for file in EXTENSION.rglob("*.html"))
    text += (EXTENSION / "manifest.json").read_text()
    used = set(re.findall(r'\bt\(\s*"(\w+)"', text)) | set(re.findall(r'getMessage\("(\w+)"', text))
    used |= set(re.findall(r'data-t(?:-label)?="(\w+)"', text)) | set(
        re.findall(r"__MSG_(\w+)__", text)
    )
    used |= {name for name in words if re.search(rf'"{name}"', text)}
    made = {name for name in words if name.startswith(("state_", "trouble_", "server_"))}
    assert used - words == set()
    assert words - used - made == set()


def test_every_word_of_other_languages_is_in_english_too() -> None:
    english = set(json.loads((EXTENSION / "_locales/en/messages.json").read_text()))
    for file in EXTENSION.glob("_locales/*/messages.json"):
        assert set(json.loads(file.read_text())) <= english, file


def test_no_remote_code_no_markup_from_text_no_analytics() -> None:
    banned = r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|importScripts|https?://(?!127|localhost)[a-z]"
    for file in source_files():
        text = re.sub(r"^\s*(?:\*|//|/\*).*$", "", file.read_text(), flags=re.MULTILINE)
        assert not re.search(banned, text.replace("https://${", "")), file


def test_the_manifest_asks_for_no_more_than_it_says() -> None:
    manifest = json.loads((EXTENSION / "manifest.json").read_text())
    assert manifest["permissions"] == ["storage", "scripting", "activeTab"]
    assert "host_permissions" not in manifest
    assert "web_accessible_resources" not in manifest
    assert "content_scripts" not in manifest
    assert "unsafe" not in manifest["content_security_policy"]["extension_pages"]


def test_message_table_refuses_what_is_not_in_it() -> None:
    answers = node(
        """
        import { received } from "./messages.js";
        const cases = [
          [{ type: "explain", codes: ["CO-107", "N122", "MA130", "107", "B15", "CO"] }, "page"],
          [{ type: "hello" }, "page"],
          [{ type: "explain", codes: ["CLM4000001"] }, "page"],
          [{ type: "explain", codes: ["CO-107 "] }, "page"],
          [{ type: "explain", codes: "CO-107" }, "page"],
          [{ type: "explain", codes: ["CO-107"], text: "x" }, "page"],
          [{ type: "status" }, "page"],
          [{ type: "hello" }, "own"],
          [{ type: "toString" }, "own"], [{ type: "__proto__" }, "own"], [[], "own"], [null, "page"],
          [{ type: "granted", site: "https://a.example/x", portal: "", lookup: true, tab: 1 }, "own"],
          [{ type: "granted", site: "https://a.example", portal: "", lookup: true, tab: 1 }, "own"],
          [{ type: "allow", portal: "x", what: "token", on: true }, "own"],
        ];
        console.log(JSON.stringify(cases.map(([message, from]) => received(message, from) !== null)));
        """
    )
    assert answers == [True, True, *[False] * 11, True, False]


def test_host_patterns_and_their_ports() -> None:
    answers = node(
        """
        import { grantOf, within } from "./worker/sites.js";
        console.log(JSON.stringify([
          grantOf("http://127.0.0.1:8740/*"), grantOf("https://*.payer.example/*"),
          within("http://127.0.0.1:8740", "http://127.0.0.1:8740/*"),
          within("http://127.0.0.1:8741", "http://127.0.0.1:8740/*"),
          within("https://a.payer.example", "https://*.payer.example/*"),
          within("https://payer.example", "https://*.payer.example/*"),
          within("https://evilpayer.example", "https://*.payer.example/*"),
          within("http://a.payer.example", "https://*.payer.example/*"),
          within("null", "*://*/*"), within("https://x.example", "nonsense"),
          within("http://127.0.0.1:8740/meridian/app?x=1", "http://127.0.0.1:8740/meridian/*"),
          within("http://127.0.0.1:8740/harbor/", "http://127.0.0.1:8740/meridian/*"),
        ]));
        """
    )
    assert answers == [
        "http://127.0.0.1/*", "https://*.payer.example/*",
        True, False, True, True, False, False, False, False, True, False,
    ]  # fmt: skip


def test_server_addresses() -> None:
    answers = node(
        """
        import { serverOrigin } from "./worker/settings.js";
        console.log(JSON.stringify(["https://r.example", "r.example:8443", "http://127.0.0.1:8737/",
          "http://localhost:1", "http://r.example", "https://u:p@r.example", "https://r.example/x",
          "ftp://r.example", "javascript:alert(1)", ""].map(serverOrigin)));
        """
    )
    assert answers == [
        "https://r.example", "https://r.example:8443", "http://127.0.0.1:8737", "http://localhost:1",
        None, None, None, None, None, None,
    ]  # fmt: skip


def test_claim_numbers_are_hashed_as_the_store_does() -> None:
    from tests.browser.servers import KEY, claim_hash

    claims = ["clm 4000001", "CLM-77\u00a0x/9", "é123", "ß1"]
    answers = node(
        f"""
        import {{ claimHash }} from "./worker/lines.js";
        const raw = Uint8Array.from({list(KEY)});
        const key = await crypto.subtle.importKey("raw", raw, {{ name: "HMAC", hash: "SHA-256" }}, false, ["sign"]);
        console.log(JSON.stringify(await Promise.all({json.dumps(claims)}.map((claim) => claimHash(claim, key)))));
        """
    )
    assert answers == [claim_hash(claim) for claim in claims]


CARD = """
import { explain } from "./explain.js";
const entry = { code: "CO-107", kind: "carc", known: true, title: "T", meaning: "M", steps: ["S1", "S2"],
  payer: "P", bill: "never", appeal: "", alike: [], route: "", ended: "", reviewed: "2026-11-23" };
const line = { line_id: "1", procedure: "22614", modifiers: [], service_date: "", code: "CO-107", remarks: [],
  state: "ready", reason_text: "R", route_text: "", deadline: "2027-04-03", days_left: DAYS, rule_text: "180 days",
  amount: "$1", missing: "22612", found_at: "charge", next_step: "N", why_now: "W", as_of: "", checked_at: "" };
const card = explain({ entry, remarks: [], line, trouble: "", checked: "2026-11-23" }, t, "en");
console.log(JSON.stringify(card));
"""


@pytest.mark.parametrize(
    ("days", "said", "tone"),
    [(131, "131 days left", "calm"), (14, "14 days left", "warn"), (3, "3 days left", "bad"),
     (1, "1 day left", "bad"), (0, "today", "bad"), (-2, "2 days past", "bad")],
)  # fmt: skip
def test_days_left_are_said_and_coloured(days: int, said: str, tone: str) -> None:
    card = node(CARD.replace("DAYS", str(days)))
    row = next(row for row in card["rows"] if row["part"] == "deadline")
    assert row["text"] == f"Apr 3, 2027 · {said}"
    assert row["tone"] == tone
    assert card["note"].splitlines()[0] == "CO-107, 22614: T"
    assert "Last day: Apr 3, 2027" in card["note"]


def test_every_code_of_the_list_makes_a_card() -> None:
    answers = node(
        """
        import { readFileSync } from "node:fs";
        import { describe } from "./worker/codes.js";
        import { explain } from "./explain.js";
        const list = JSON.parse(readFileSync("bundle.json", "utf8"));
        const bad = [];
        const codes = [...Object.keys(list.groups), ...Object.keys(list.carc).flatMap((code) => [code, `CO-${code}`,
          `PR-${code}`]), ...Object.keys(list.rarc)];
        for (const code of codes) {
          const entry = describe(code, list);
          const card = explain({ entry, remarks: [], line: null, trouble: "", checked: "" }, t, "en");
          const wanted = entry.kind === "rarc" ? entry.meaning : entry.steps[0];
          if (!entry.known || !card.title || card.title.length > 90 || !wanted || card.rows.length === 0) bad.push(code);
          if (/undefined/.test(JSON.stringify(card))) bad.push(`${code}?`);
        }
        console.log(JSON.stringify([codes.length, bad]));
        """
    )
    assert answers[0] > 1700
    assert answers[1] == []


def test_the_zip_is_whole_and_the_same_each_time(tmp_path: Path) -> None:
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    runner = CliRunner()
    assert runner.invoke(extension, ["pack", "--out", str(one)]).exit_code == 0
    assert runner.invoke(extension, ["pack", "--out", str(two)]).exit_code == 0
    assert one.read_bytes() == two.read_bytes()
    names = set(zipfile.ZipFile(one).namelist())
    assert {"manifest.json", "worker.js", "bundle.json", "content/main.js", "managed.json"} <= names
    assert not [
        name for name in names if name.startswith(("types/", "policy/")) or name == "jsconfig.json"
    ]
    manifest = json.loads((EXTENSION / "manifest.json").read_text())
    for file in [manifest["background"]["service_worker"], *manifest["icons"].values()]:
        assert file in names


def test_a_managed_zip_grants_its_hosts(tmp_path: Path) -> None:
    out = tmp_path / "managed.zip"
    done = CliRunner().invoke(
        extension, ["pack", "--out", str(out), "--host", "https://portal.example/*"]
    )
    assert done.exit_code == 0
    manifest = json.loads(zipfile.ZipFile(out).read("manifest.json"))
    assert manifest["host_permissions"] == ["https://portal.example/*"]


@pytest.mark.parametrize("host", ["*://*/*", "<all_urls>", "http://portal.example/*", "portal"])
def test_too_wide_or_malformed_hosts_are_refused(tmp_path: Path, host: str) -> None:
    done = CliRunner().invoke(extension, ["pack", "--out", str(tmp_path / "x.zip"), "--host", host])
    assert done.exit_code != 0
    assert host in str(done.exception)


def test_the_folder_is_named() -> None:
    assert CliRunner().invoke(extension, ["path"]).output.strip() == str(extension_folder())


def test_example_policies_fit_the_managed_schema() -> None:
    schema = json.loads((EXTENSION / "managed.json").read_text())["properties"]
    types = {"string": str, "boolean": bool, "array": list}
    files = sorted((EXTENSION / "policy").glob("*.json"))
    assert len(files) >= 3
    for file in files:
        found = list(_managed(json.loads(file.read_text())))
        assert found, file
        for settings in found:
            for name, value in settings.items():
                assert isinstance(value, types[schema[name]["type"]]), (file, name)


def _managed(policy: Any) -> Any:
    if isinstance(policy, dict):
        if "server" in policy and "portals" in policy:
            yield policy
        for value in policy.values():
            yield from _managed(value)
