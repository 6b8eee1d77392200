"""One grammar, two worlds: the extension finds what the server finds, and where."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from server.codes import export_finder
from server.codes.finder import Found, find_in_html, find_in_text, html_text
from server.codes.finder_pages import DROPPED, KEPT_SPACE, parse
from tests.codes.finder_marks import read

HERE = Path(__file__).resolve().parent
CORPORA = sorted(HERE.glob("finder_corpus*.jsonl"))
SNIPPETS = [snippet for file in CORPORA for snippet in read(file)]

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def ask_node(entries: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    lines = "\n".join(json.dumps(entry) for entry in entries)
    run = subprocess.run(
        ["node", "--no-warnings", str(HERE / "finder_node.mjs")],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def plain(found: list[Found]) -> list[dict[str, Any]]:
    return [
        {
            "code": one.code,
            "kind": one.kind,
            "known": one.known,
            "spans": [list(s) for s in one.spans],
        }
        for one in found
    ]


def tree(node: etree._Element) -> list[Any]:
    """A parsed page as plain lists, its blank text nodes as long as the text content has them."""
    children: list[Any] = []

    def add(text: str | None, kept: bool) -> None:
        if text:
            blank = not text.strip(" \t\n\r\f\v") and not kept
            children.append(("\n" if "\n" in text else " ") if blank else text)

    kept = node.tag in KEPT_SPACE
    if node.tag not in DROPPED:
        add(node.text, kept)
        for child in node:
            if isinstance(child.tag, str):
                children.append(tree(child))
            add(child.tail, kept)
    return [node.tag, dict(node.attrib), children]


def joined(spans: list[list[int]], text: str) -> list[list[int]]:
    """Spans with those joined that touch, or have nothing but blanks between."""
    out: list[list[int]] = []
    for start, end in spans:
        if out and not text[out[-1][1] : start].strip():
            out[-1] = [out[-1][0], end]
        else:
            out.append([start, end])
    return out


def test_the_extensions_rules_are_the_servers() -> None:
    assert export_finder.TARGET.read_text(encoding="utf-8") == export_finder.rules_text()


@needs_node
def test_same_codes_at_the_same_places_in_text() -> None:
    texts = [snippet for snippet in SNIPPETS if snippet.form == "text"]
    asked = [{"text": s.content, "crosswalk": s.crosswalk or {}} for s in texts]
    for snippet, answer in zip(texts, ask_node(asked), strict=True):
        assert answer == plain(find_in_text(snippet.content, snippet.crosswalk)), snippet.content


@needs_node
def test_same_codes_at_the_same_places_in_pages() -> None:
    pages = [
        (s.content, root)
        for s in SNIPPETS
        if s.form == "html" and (root := parse(s.content)) is not None
    ]
    answers = ask_node([{"tree": tree(root)} for _, root in pages])
    for (html, _), answer in zip(pages, answers, strict=True):
        text = html_text(html)
        ours = plain(find_in_html(html))
        for one in (*answer, *ours):
            one["spans"] = joined(one["spans"], text)
        assert answer == ours, html


@needs_node
def test_same_answers_on_pages_put_together() -> None:
    whole = "\n".join(s.content for s in SNIPPETS if s.form == "text")
    assert ask_node([{"text": whole}])[0] == plain(find_in_text(whole))
    html = "<body>" + "".join(
        f"<section>{s.content}</section>" for s in SNIPPETS if s.form == "html"
    )
    root = parse(html)
    assert root is not None
    ours = [(one.code, one.kind, one.known) for one in find_in_html(html)]
    theirs = [
        (one["code"], one["kind"], one["known"]) for one in ask_node([{"tree": tree(root)}])[0]
    ]
    assert theirs == ours


@needs_node
def test_a_crosswalk_says_the_same_in_both() -> None:
    walk = {"ABC12": "CO-107", "X-99": "CO-45", "107": "CO-107"}
    text = "EOB ABC12, X-99 and 107; claim # ABC12, $107.00, ZABC12, CO-107"
    assert ask_node([{"text": text, "crosswalk": walk}])[0] == plain(find_in_text(text, walk))
