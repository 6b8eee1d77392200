from datetime import UTC, datetime

from scrapers.capture import Capture, ClaimRef, FrozenPage
from scrapers.evidence import labels_of, skeleton, skeleton_of
from scrapers.portal import Portal

PORTAL = Portal(
    id="p", name="P", family="meridian", statuses={"Denied by plan": "4"}, columns={"x": ("Svc",)}
)
PAGE = """<html><head><title>Maria Canary</title><script>var name = "CANARY"</script></head>
<body class="canary"><p data-member="CANARY1" title="Maria">Maria Canary, born 1970-01-02</p>
<!-- CANARY --><input value="CANARY2"><table><tr><th>Claim number</th><th>Svc</th>
<th>Reason code</th><th colspan="2">Paid</th></tr><tr><td>MH-20417</td><td>CO-107</td>
<td>N122</td><td>MA130</td>
<td>$1,150.00</td><td>Denied by plan</td><td>107</td><td>Claim 107</td></tr></table></body>
</html>"""


def test_only_labels_codes_and_structure_stay():
    kept = skeleton(PAGE, labels_of(PORTAL))
    for gone in ("Maria", "Canary", "CANARY", "canary", "1970", "MH-20417", "1,150", "Claim 107"):
        assert gone not in kept
    for stays in ("Claim number", "Svc", "CO-107", "N122", "MA130", ">107<", "Denied by plan"):
        assert stays in kept
    assert 'colspan="2"' in kept


def test_files_are_named_not_kept():
    at = datetime(2026, 3, 2, tzinfo=UTC)
    pages = (FrozenPage("claim", PAGE), FrozenPage("835", "ISA*00*CANARY~"))
    kept = skeleton_of(Capture("p", ClaimRef("MH-20417"), pages, at), PORTAL)
    assert "<!-- 835 -->" in kept
    assert "CANARY" not in kept
