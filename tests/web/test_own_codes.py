"""A payer's own code that no crosswalk maps: its page says where to look and what to do."""

from __future__ import annotations

from server.web.words import code_path, code_text


def test_an_unmapped_code_is_told_apart_from_an_unknown_one(visit) -> None:
    me = visit("viewer")
    me.get("/codes/unmapped:P0001")
    assert me.answer.status_code == 404
    assert "P0001 is a code of the payer's own" in me.words
    assert "crosswalk" in me.words
    me.get("/codes/unmapped:<script>")
    assert (
        "<script>" not in me.answer.get_data(as_text=True).split("</head>")[1].split("</main>")[0]
    )


def test_a_payers_own_code_is_never_written_with_a_group() -> None:
    assert code_text("unmapped:P0001", ("CO",)) == "P0001 (payer's own)"
    assert code_path("unmapped:P0001", ("CO",)) == "unmapped:P0001"
    assert code_text("107", ("CO",)) == code_path("107", ("CO",)) == "CO-107"
    assert code_text("107", ("CO", "PR")) == "107"
    assert code_text("N122") == "N122"
