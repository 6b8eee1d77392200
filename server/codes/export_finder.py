"""Write the finder's grammar for the extension: `python -m server.codes.export_finder [--check]`.

`extension/finder-rules.js` holds the words, lists and patterns of `finder_rules.toml`, written
out for JavaScript. `--check` writes nothing and exits with 1 where the file is stale.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from server.codes.finder_columns import RULED, TOKEN, VALUE
from server.codes.finder_pages import DROPPED, KEPT_SPACE, LINES, ROLES, TAGS
from server.codes.finder_rules import FOLDED, fill, source

TARGET = Path(__file__).resolve().parents[2] / "extension" / "finder-rules.js"

_HEAD = """\
// Made from server/codes/finder_rules.toml by `python -m server.codes.export_finder`.
// Edit that file, not this one.

/**
 * @typedef {object} FinderRules
 * @property {string[]} groups
 * @property {Record<string, string>} spellings
 * @property {Record<string, string>} known
 * @property {Record<string, string>} chars
 * @property {Record<string, string[]>} words
 * @property {Record<string, string[]>} headers
 * @property {Record<string, [string, string]>} patterns
 * @property {Record<string, string[]>} tags
 * @property {Record<string, string>} roles
 * @property {Record<string, string>} parts
 */

/** @type {FinderRules} */
"""


def rules_text() -> str:
    """The module's text."""
    rules = source()
    chars = rules["chars"]
    patterns = {
        name: [fill(body, chars, "$"), "i" if name in FOLDED else ""]
        for name, body in rules["patterns"].items()
    }
    patterns["token"] = [TOKEN.pattern, ""]
    patterns["value"] = [VALUE.pattern, ""]
    held = {
        "groups": rules["groups"],
        "spellings": rules["group_spellings"],
        "known": rules["known"],
        "chars": {name: chars[name] for name in ("spaces", "dashes", "unseen")} | {"ruled": RULED},
        "words": rules["words"],
        "headers": rules["headers"],
        "patterns": patterns,
        "tags": {
            "dropped": sorted(DROPPED),
            "kept": sorted(KEPT_SPACE),
            "lines": sorted(LINES),
        },
        "roles": ROLES,
        "parts": TAGS,
    }
    body = json.dumps(held, indent=2, ensure_ascii=True)
    return f"{_HEAD}export const FINDER_RULES = {body};\n"


def main() -> int:
    """Write or check the file; the exit code."""
    text = rules_text()
    stale = not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != text
    if "--check" in sys.argv[1:]:
        if stale:
            print(f"{TARGET.name} is stale: run python -m server.codes.export_finder")
        return int(stale)
    if stale:
        TARGET.write_text(text, encoding="utf-8")
    print(f"{TARGET.name}: {'written' if stale else 'as it was'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
