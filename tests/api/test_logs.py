"""Logs tell only what is on the list, whoever writes them."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from server import logs

PLANTED = "CANARY Wilhelmina 1971-05-09"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    import structlog

    root = logging.getLogger()
    before = (list(root.handlers), root.level, sys.excepthook, threading.excepthook)
    out = io.StringIO()
    logs.set_up(stream=out)
    yield out
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    sys.excepthook, threading.excepthook = before[2], before[3]
    logging.captureWarnings(False)
    structlog.reset_defaults()


def told(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_listed_event_and_its_fields_get_out(stream: io.StringIO) -> None:
    logs.log().info("imported", count=3, practice="north", who="token:7")
    (line,) = told(stream)
    assert (line["event"], line["count"], line["practice"]) == ("imported", 3, "north")


def test_an_event_of_ones_own_making_does_not(stream: io.StringIO) -> None:
    logs.log().info(f"patient {PLANTED}")
    assert told(stream)[0]["event"] == "unlisted"
    assert "CANARY" not in stream.getvalue()


@pytest.mark.parametrize(
    "fields",
    [
        {"patient": PLANTED},
        {"who": PLANTED},
        {"practice": PLANTED},
        {"route": f"/api/{PLANTED}"},
        {"error": PLANTED},
        {"portal": PLANTED},
        {"line": PLANTED},
        {"status": PLANTED},
        {"count": [PLANTED]},
        {"outcome": {"name": PLANTED}},
        {"exc_info": PLANTED},
        {"level": PLANTED},
        {"event_": PLANTED},
    ],
)
def test_a_value_of_another_form_does_not(stream: io.StringIO, fields: dict[str, object]) -> None:
    logs.log().info("request", **fields)
    assert "CANARY" not in stream.getvalue()
    assert told(stream)


def test_a_line_cannot_be_broken_into_two(stream: io.StringIO) -> None:
    logs.log().info("request", who='token:1\n{"event": "signed_in"}', practice="a\nb")
    assert len(told(stream)) == 1


def test_a_librarys_message_is_dropped_and_its_error_named(stream: io.StringIO) -> None:
    try:
        raise ValueError(PLANTED)
    except ValueError:
        logging.getLogger("sqlalchemy.engine").exception("row %s", PLANTED)
    logging.getLogger(PLANTED).error(PLANTED)
    first, second = told(stream)
    assert (first["event"], first["logger"], first["error"]) == (
        "library",
        "sqlalchemy.engine",
        "ValueError",
    )
    assert second["logger"] == "?"
    assert "CANARY" not in stream.getvalue()


def test_a_warning_is_dropped(stream: io.StringIO) -> None:
    warnings.warn(PLANTED, stacklevel=1)
    assert "CANARY" not in stream.getvalue()


def test_what_nobody_caught_is_named_and_no_more(stream: io.StringIO) -> None:
    thread = threading.Thread(target=lambda: int(PLANTED))
    thread.start()
    thread.join()
    try:
        int(PLANTED)
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    lines = told(stream)
    assert [line["event"] for line in lines] == ["crashed", "crashed"]
    assert all(line["error"] == "ValueError" for line in lines)
    assert "CANARY" not in stream.getvalue()


def test_the_place_of_an_error_is_in_our_own_code(stream: io.StringIO) -> None:
    from server.store.practices import ensure

    try:
        ensure(None, PLANTED)  # type: ignore[arg-type]
    except Exception as error:
        logs.log().error("crashed", **logs.described(error))
    (line,) = told(stream)
    assert str(line["place"]).startswith("server/store/practices.py:")
    assert "CANARY" not in stream.getvalue()


def test_every_event_the_code_writes_is_listed() -> None:
    import re

    from tests.api.house import ROOT

    written = set()
    for folder in ("server", "scrapers"):
        for file in (ROOT / folder).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            written |= set(
                re.findall(r'\blog\(\)\.(?:debug|info|warning|error|critical)\(\s*"([^"]+)"', text)
            )
    assert written
    assert written <= logs.EVENTS
