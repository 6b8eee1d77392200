"""Corrected claims: what the edits name changes, nothing else does, and a validator accepts it."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import made_837
import pytest
import pyx12.params
import pyx12.x12n_document
from hypothesis import given, settings
from hypothesis import strategies as st

from server.x12 import (
    AddedLine,
    ChangedLine,
    CorrectionError,
    Edits,
    Stamp,
    claim_facts,
    correct,
)

logging.getLogger("pyx12").setLevel(logging.CRITICAL)

STAMP = Stamp("2", "2", "0002", "BATCH2", date(2026, 2, 1), time(10, 30))
PRIMARY = AddedLine(
    "22612", Decimal("2300.00"), Decimal(1), date(2026, 1, 5), line_control="NEW", before="L1A"
)
REPLACEMENT = Edits(
    "P1", frequency="7", payer_claim_control_number="PCN1", added=(PRIMARY,), stamp=STAMP
)


def accepted(data: bytes, folder: Path) -> bool:
    """Whether pyx12 validates the file against the implementation guide it names."""
    file = folder / "claim.837"
    file.write_bytes(data)
    params = pyx12.params.params()
    return bool(
        pyx12.x12n_document.x12n_document(
            param=params, src_file=str(file), fd_997=io.StringIO(), fd_html=None
        )
    )


def segments(data: bytes) -> list[str]:
    return [piece.strip() for piece in data.decode().split("~") if piece.strip()]


@pytest.mark.parametrize(
    "data",
    [
        made_837.professional(),
        made_837.professional(3, "", True),
        made_837.professional(2, "\r\n"),
        made_837.institutional(),
        b"\xef\xbb\xbf" + made_837.professional(),
        b"not even X12",
        b"",
    ],
)
def test_without_edits_the_bytes_stay(data: bytes) -> None:
    assert correct(data, Edits()) == correct(data, {}) == data


def test_edits_as_a_mapping() -> None:
    data = made_837.professional()
    edits = {"claim": "P1", "frequency": "7", "payer_claim_control_number": "PCN1"}
    assert correct(data, edits) == correct(data, Edits(**edits))


def test_the_public_claim_files_stay_without_edits(samples: Path) -> None:
    for file in (samples / "837").iterdir():
        assert correct(file.read_bytes(), Edits()) == file.read_bytes()


def test_a_claim_taken_out_of_a_file_of_one_is_that_file() -> None:
    for data in (
        made_837.professional(),
        made_837.professional(newline=""),
        made_837.professional(newline="\r\n", dependent=True),
        made_837.institutional("\n"),
    ):
        claim = "I1" if b"CLM*I1" in data else "P1"
        assert correct(data, Edits(claim)) == data


def test_public_claims_taken_out_keep_their_segments(samples: Path) -> None:
    for file in sorted((samples / "837").iterdir()):
        data = file.read_bytes()
        claims, _ = claim_facts(data, file.name)
        for claim in claims[:: max(1, len(claims) // 20)]:
            out = correct(data, Edits(claim.claim, order=claim.order))
            ((again,), found) = claim_facts(out, file.name)
            assert not [f for f in found if f.code not in ("claim_charge", "missing_date")]
            body = data[claim.source.start : claim.source.end]
            assert body in out
            bare = {"order": 0, "source": None}
            assert replace(again, **bare, lines=()) == replace(claim, **bare, lines=())
            assert [replace(line, source=None) for line in again.lines] == [
                replace(line, source=None) for line in claim.lines
            ]


def test_a_replacement_with_the_primary_added(tmp_path: Path) -> None:
    data = made_837.professional(3)
    out = correct(data, replace(REPLACEMENT, claim="P2", added=(replace(PRIMARY, before="L2A"),)))
    assert accepted(out, tmp_path)
    ((claim,), found) = claim_facts(out, "out")
    assert found == []
    assert (claim.claim, claim.frequency, claim.original_reference) == ("P2", "7", "PCN1")
    assert claim.charge == Decimal("3800.00")
    assert [(x.number, x.procedure) for x in claim.lines] == [
        (1, "22612"),
        (2, "22614"),
        (3, "99213"),
        (4, "20930"),
    ]
    assert claim.lines[0].line_control == "NEW"
    assert claim.lines[0].rendering_npi == made_837.NPI["rendering"]
    new = segments(out)
    assert "SV1*HC:22612*2300.00*UN*1***1:2" in new
    assert new[0].split("*")[13] == new[-1].split("*")[2] == "000000002"
    assert new[-3] == f"SE*{len(new) - 4}*0002"
    gone = set(segments(data)) - set(new)
    kept = [s for s in segments(data) if s.startswith(("N3", "N4", "NM1*85", "HI", "PRV", "DTP"))]
    assert not gone & set(kept)


def test_only_what_the_edits_name_is_different() -> None:
    data = made_837.professional()
    out = correct(data, REPLACEMENT)
    before, after = segments(data), segments(out)
    added = [s for s in after if s not in before]
    assert added == [
        "ISA*00*          *00*          *ZZ*SENDERID       *ZZ*MERID          "
        "*260201*1030*^*00501*000000002*0*T*:",
        "GS*HC*SENDERID*MERID*20260201*1030*2*X*005010X222A1",
        "ST*837*0002*005010X222A1",
        "BHT*0019*00*BATCH2*20260201*1030*CH",
        "CLM*P1*3800.00***11:B:7*Y*A*Y*Y",
        "REF*F8*PCN1",
        "SV1*HC:22612*2300.00*UN*1***1:2",
        "REF*6R*NEW",
        "LX*4",
        "SE*40*0002",
        "GE*1*2",
        "IEA*1*000000002",
    ]


@pytest.mark.parametrize("newline", ["", "\n", "\r\n"])
def test_added_segments_are_laid_out_as_their_neighbours(newline: str) -> None:
    out = correct(made_837.professional(newline=newline), REPLACEMENT).decode()
    assert out.count("~" + newline) == out.count("~")
    if newline:
        assert out.count(newline) == out.count("~")


def test_a_void_keeps_the_claim_and_says_which(tmp_path: Path) -> None:
    out = correct(
        made_837.professional(), Edits("P1", frequency="8", payer_claim_control_number="PCN1")
    )
    assert accepted(out, tmp_path)
    ((claim,), _) = claim_facts(out, "out")
    assert (claim.frequency, claim.original_reference, len(claim.lines)) == ("8", "PCN1", 3)
    assert claim.charge == Decimal(1500)


def test_a_new_claim_of_some_lines_under_a_new_number(tmp_path: Path) -> None:
    edits = Edits("P1", new_claim="P1B", dropped=("L1B", 3), added=(PRIMARY,), stamp=STAMP)
    out = correct(made_837.professional(), edits)
    assert accepted(out, tmp_path)
    ((claim,), _) = claim_facts(out, "out")
    assert (claim.claim, claim.frequency, claim.original_reference) == ("P1B", "1", "")
    assert [x.procedure for x in claim.lines] == ["22612", "22614"]
    assert claim.charge == Decimal("3450.00")


def test_the_last_digit_of_a_bill_type(tmp_path: Path) -> None:
    edits = Edits(
        "I1",
        frequency="7",
        payer_claim_control_number="PCN9",
        added=(replace(PRIMARY, before="IA"),),
        dropped=("IB",),
        stamp=STAMP,
    )
    out = correct(made_837.institutional(), edits)
    assert accepted(out, tmp_path)
    assert b"CLM*I1*3100.00***13:A:7*" in out
    assert b"SV2*0360*HC:22612*2300.00*UN*1~" in out


@pytest.mark.parametrize("dependent", [False, True])
def test_levels_are_numbered_anew(tmp_path: Path, dependent: bool) -> None:
    data = made_837.professional(4, dependent=dependent)
    out = correct(data, replace(REPLACEMENT, claim="P3", added=()))
    assert accepted(out, tmp_path)
    levels = [s for s in segments(out) if s.startswith("HL")]
    if dependent:
        assert levels == ["HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0"]
    else:
        assert levels == ["HL*1**20*1", "HL*2*1*22*0"]


def test_a_reference_there_is_replaced_and_one_to_go_goes() -> None:
    data = correct(made_837.professional(), REPLACEMENT)
    again = correct(data, Edits("P1", payer_claim_control_number="PCN2"))
    assert [s for s in segments(again) if s.startswith("REF*F8")] == ["REF*F8*PCN2"]
    fresh = correct(data, Edits("P1", frequency="1", payer_claim_control_number=""))
    assert not [s for s in segments(fresh) if s.startswith("REF*F8")]


def test_another_payers_reference_is_left_alone() -> None:
    """`REF*F8` below a 2320 loop is that payer's number of the claim."""
    other = (
        b"SBR*S*18*******CI~OI***Y***Y~NM1*IL*1*DOE*JANE****MI*X~"
        b"NM1*PR*2*OTHER*****PI*O~REF*F8*OTHERS~"
    )
    data = made_837.professional(newline="").replace(b"LX*1~", other + b"LX*1~")
    out = correct(data, Edits("P1", frequency="7", payer_claim_control_number="PCN1"))
    assert [s for s in segments(out) if s.startswith("REF*F8")] == ["REF*F8*PCN1", "REF*F8*OTHERS"]
    ((claim,), _) = claim_facts(data, "x")
    assert claim.original_reference == ""
    assert claim.payer.name == "MERIDIAN HEALTH"


def test_the_related_claim_goes_where_the_payer_wants_it(tmp_path: Path) -> None:
    data = made_837.professional()
    noted = correct(data, Edits("P1", related_claim_field="NTE*ADD", related_claim="REL 4711"))
    assert accepted(noted, tmp_path)
    ((claim,), _) = claim_facts(noted, "x")
    assert claim.notes == ("REL 4711",)
    twice = correct(noted, Edits("P1", related_claim_field="NTE*ADD", related_claim="AND 1"))
    assert claim_facts(twice, "x")[0][0].notes == ("REL 4711 AND 1",)
    by_number = correct(
        data, Edits("P1", frequency="7", related_claim_field="REF*F8", related_claim="PCN7")
    )
    assert claim_facts(by_number, "x")[0][0].original_reference == "PCN7"


def test_lines_change_in_place(tmp_path: Path) -> None:
    change = ChangedLine(
        "L1B", procedure="99214", modifiers=("25", "57"), charge=Decimal("225.5"), units=Decimal(2),
        line_control="L1X",
    )  # fmt: skip
    out = correct(made_837.professional(), Edits("P1", changed=(change,), stamp=STAMP))
    assert accepted(out, tmp_path)
    ((claim,), _) = claim_facts(out, "x")
    line = claim.lines[1]
    assert (line.procedure, line.modifiers, line.units) == ("99214", ("25", "57"), Decimal(2))
    assert (line.charge, line.line_control) == (Decimal("225.5"), "L1X")
    assert claim.charge == Decimal("1525.5")
    bare = correct(made_837.professional(), Edits("P1", changed=(ChangedLine(2, modifiers=()),)))
    assert b"SV1*HC:99213*200*" in bare
    assert b"CLM*P1*1500*" in bare


def test_another_rendering_provider_needs_a_name(tmp_path: Path) -> None:
    data = made_837.professional()
    other = replace(PRIMARY, rendering_npi=made_837.NPI["other"])
    with pytest.raises(CorrectionError, match="no name"):
        correct(data, Edits("P1", added=(other,)))
    named = replace(other, rendering_last_name="YANG", rendering_first_name="CRISTINA")
    out = correct(data, Edits("P1", added=(named,)))
    assert accepted(out, tmp_path)
    ((claim,), _) = claim_facts(out, "x")
    assert [x.rendering_npi for x in claim.lines[:2]] == [
        made_837.NPI["other"],
        made_837.NPI["rendering"],
    ]
    again = correct(out, Edits("P1", added=(replace(other, before="NEW", line_control="N2"),)))
    assert again.count(b"NM1*82*1*YANG*CRISTINA****XX*1245319599~") == 2
    assert accepted(again, tmp_path)


def test_a_period_of_service_and_minutes(tmp_path: Path) -> None:
    added = replace(
        PRIMARY, last_day=date(2026, 1, 7), unit="MJ", units=Decimal(90), place_of_service="22",
        diagnosis_pointers=(2,), modifiers=("QK",),
    )  # fmt: skip
    out = correct(made_837.professional(), Edits("P1", added=(added,)))
    assert accepted(out, tmp_path)
    assert b"SV1*HC:22612:QK*2300.00*MJ*90*22**2~" in out
    assert b"DTP*472*RD8*20260105-20260107~" in out


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        (Edits("P9"), "no claim bears"),
        (Edits("P1", frequency="7"), "needs the payer claim control number"),
        (Edits("P1", frequency="8", payer_claim_control_number=""), "needs the payer claim"),
        (Edits("P1", dropped=(1, 2, 3)), "no line would be left"),
        (Edits("P1", dropped=("nix",)), "no line of the claim"),
        (Edits("P1", dropped=(9,)), "no line of the claim"),
        (Edits("P1", changed=(ChangedLine("L1A", procedure="1~2"),)), "separator"),
        (Edits("P1", new_claim="A*B"), "separator"),
        (Edits("P1", payer_claim_control_number="A\nB"), "separator"),
        (Edits("P1", added=(replace(PRIMARY, before=None),)), "diagnosis pointers"),
        (Edits("P1", added=(replace(PRIMARY, procedure=""),)), "needs a procedure"),
        (Edits("P1", added=(replace(PRIMARY, modifiers=("1",) * 5),)), "four modifiers"),
        (Edits("P1", added=(PRIMARY,), dropped=("L1A",)), "dropped"),
        (Edits("P1", related_claim_field="NTE*ADD", related_claim="X" * 81), "longer than a note"),
        (Edits("P1", stamp=replace(STAMP, interchange="1234567890")), "nine digits"),
        (
            Edits(
                "P1",
                payer_claim_control_number="A",
                related_claim_field="REF*F8",
                related_claim="B",
            ),
            "two numbers",
        ),
    ],
)
def test_edits_that_do_not_fit_are_refused_in_one_line(edits: Edits, message: str) -> None:
    with pytest.raises(CorrectionError, match=message) as refused:
        correct(made_837.professional(), edits)
    assert "\n" not in str(refused.value)
    assert not re.search("P1|P9|DOE|MEMBER", str(refused.value))


def test_claims_of_one_number_are_told_apart_by_their_order() -> None:
    data = made_837.professional(2).replace(b"CLM*P2*", b"CLM*P1*")
    with pytest.raises(CorrectionError, match="several claims"):
        correct(data, Edits("P1", frequency="1"))
    out = correct(data, Edits("P1", order=1))
    assert b"MEMBER002" in out
    assert b"MEMBER001" not in out


@pytest.mark.parametrize("cut", [50, 300, 900])
def test_a_truncated_file_is_not_corrected(cut: int) -> None:
    with pytest.raises(CorrectionError, match="cannot be corrected"):
        correct(made_837.professional()[:cut], Edits("P1"))


def test_the_validator_refuses_what_is_wrong(tmp_path: Path) -> None:
    """The judge judges: a claim without its payer, and a wrong count, are not accepted."""
    data = made_837.professional()
    assert accepted(data, tmp_path)
    assert not accepted(data.replace(b"NM1*PR*2*MERIDIAN HEALTH*****PI*MERID~\n", b""), tmp_path)
    assert not accepted(data.replace(b"SE*", b"SE*1"), tmp_path)


EDITS = st.fixed_dictionaries(
    {
        "claims": st.integers(1, 3),
        "which": st.integers(1, 3),
        "dependent": st.booleans(),
        "newline": st.sampled_from(["", "\n", "\r\n"]),
        "frequency": st.sampled_from([None, "1", "7", "8"]),
        "dropped": st.sets(st.sampled_from("BC"), max_size=2),
        "charges": st.lists(st.decimals(0, 9999, places=2), max_size=3),
        "stamped": st.booleans(),
    }
)


def edited(wanted: dict) -> bytes:
    """A claim file corrected in this way, checked against what was asked for."""
    which = min(wanted["which"], wanted["claims"])
    data = made_837.professional(wanted["claims"], wanted["newline"], wanted["dependent"])
    charges, dropped, frequency = wanted["charges"], wanted["dropped"], wanted["frequency"]
    edits = Edits(
        f"P{which}",
        frequency=frequency,
        payer_claim_control_number="PCN" if frequency in ("7", "8") else None,
        added=tuple(
            replace(PRIMARY, charge=charge, line_control=f"N{n}", before=f"L{which}A")
            for n, charge in enumerate(charges)
        ),
        dropped=tuple(f"L{which}{mark}" for mark in sorted(dropped)),
        stamp=STAMP if wanted["stamped"] else None,
    )
    out = correct(data, edits)
    ((claim,), found) = claim_facts(out, "x")
    assert found == []
    assert claim.charge == sum(line.charge for line in claim.lines)
    assert [line.number for line in claim.lines] == list(range(1, 4 + len(charges) - len(dropped)))
    assert correct(out, Edits(claim.claim)) == out
    return out


@given(EDITS)
@settings(max_examples=100, deadline=None)
def test_any_edits_give_one_whole_claim(wanted: dict) -> None:
    edited(wanted)


@given(EDITS)
@settings(max_examples=10, deadline=None)
def test_the_validator_accepts_any_edits(tmp_path_factory, wanted: dict) -> None:
    assert accepted(edited(wanted), tmp_path_factory.mktemp("claims"))
