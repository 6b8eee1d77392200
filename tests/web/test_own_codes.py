"""A payer's own code that no crosswalk maps: its page says where to look and what to do."""

from __future__ import annotations


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
