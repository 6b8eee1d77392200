"""What a number's surroundings forbid: amounts, dates, roads, states, companies, diagnoses.

Every question is about a bounded window left or right of one candidate, cut at the line's end.
"""

from __future__ import annotations

from typing import Final

from server.codes.finder_edges import LEFT, RIGHT, Edges
from server.codes.finder_flow import Span
from server.codes.finder_labels import Label
from server.codes.finder_rules import rules

_MAX_WORDS: Final = 10_000
_BULLETS: Final = " \u00a0\u2022\u00b7*-(\"'"
_ENDS: Final = " \u00a0.)\"'\n"
_REMARK_SEGMENTS: Final = frozenset({"LQ", "MOA", "MIA", "HE"})


class Guard(Edges):
    """Answers for one text."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.code_words = rules().words["code"]
        self._wary = rules().words["wary"]
        self._words: dict[str, str] = {}

    # --- the usual forms ----------------------------------------------------------------------

    def wary(self, start: int) -> bool:
        """Whether the word before a code calls for a second look."""
        words = self.text[max(0, start - 24) : start - 1].rsplit(None, 2)
        last = words[-1] if words else ""
        held = self._words.get(last)
        if held is None:
            if len(self._words) > _MAX_WORDS:
                self._words.clear()
            held = self._words[last] = self._weigh(last)
        if held == "code":
            # "Remark codes N122": the word before says of what.
            return self._weigh(words[-2] if len(words) > 1 else "") != "fine"
        return held == "wary"

    def _weigh(self, last: str) -> str:
        city = last[-1:] == "," and last[0].isupper() and last[:-1].isalpha()
        word = last.strip(":.;(-\u2013\"'").lower()
        if "#" in last or last[-1:] in "&=" or city or word in self._wary or not word:
            return "wary"
        return "code" if word in self.code_words else "fine"

    def holds(self, line: str, stems: str) -> bool:
        """Whether a line (in small letters) could speak of what the stems belong to."""
        return rules().stems[stems].search(line) is not None

    def road(self, start: int, j: int) -> bool:
        """Whether a group with its number is a road's, by the words around it."""
        left, right = self.left(start), self.right(j)
        if self.claims(start, j):
            return False
        return self._road(self.text[start : start + 2], left, right)

    def claimed(self, start: int, j: int) -> bool:
        """Whether the line speaks of a claim's adjustment, or another code follows."""
        follows = self.ask["next_in_list"].match(self.right(j))
        return bool(follows) or self.claims(start, j)

    def lone(self, start: int, j: int) -> bool:
        """Whether neither neighbour of a remark code looks like a diagnosis: a letter, digits."""
        text = self.text
        before = text[max(0, start - 3) : start].rstrip(" ,;")
        if before[-1:].isdigit():
            return False
        after = text[j : j + 4].lstrip(" ,;")
        return not (after[1:2].isdigit() and after[0].isalpha() and after[0] not in "MN")

    def no_diagnosis(self, start: int, j: int) -> bool:
        """Whether a remark code stands in no list of diagnoses."""
        left = self.left(start)
        if self._disease(start, j) or not self._remark_fits(left):
            return False
        right = self.right(j)
        return not (
            self.ask["diagnosis_neighbour_right"].match(right)
            or self.ask["remark_not_after"].match(right)
        )

    def _disease(self, start: int, j: int) -> bool:
        """Whether the words around name a disease and no denial: `ESRD N186` is N18.6."""
        ask = self.ask["disease_near"]
        named = ask.search(self.left(start)) or ask.search(self.right(j))
        return bool(named) and not self.claims(start, j)

    # --- groups -------------------------------------------------------------------------------

    def grouped(
        self, group: str, form: str, at: Span, s: int, j: int, known: bool, listed: bool
    ) -> bool:
        """Whether group and number, joined in this form, are a denial code here.

        `form`: `dash`, `mark` (star, slash, colon, ...), `space` or `glued`. `listed`: a label
        or a code before it says so.
        """
        text = self.text
        letters = text[at[0] : at[1]]
        right = self.right(j)
        gap = text[at[1] : s]
        star = "*" in gap
        if not self.clear_left(at[0], listed):
            return False
        tight = form == "dash" or form == "glued"
        listing = form == "dash" or listed or (right[0:1] == "/" and self.claims(at[0], j))
        if not self.clear_right(j, right, listing=listing, counted=tight):
            return False
        if right[:1] == "s" and not (tight and letters.isupper()):
            # "Two CO-107s" are codes; "PR 90s" is not.
            return False
        if self.ask["phone_after"].match(right):
            return False
        if not star and at[0] and text[at[0] - 1] == "*" and self.segment(at[0]):
            return False
        if ("(" in gap or "[" in gap) and right[:1] not in (")", "]"):
            return False
        if listed:
            return True
        left = self.left(at[0])
        if left and self._elsewhere(left):
            return False
        bound = form in ("dash", "mark") and not any(sign in self.spaces for sign in gap)
        firm = bound and (form == "dash" or star)
        if not known and not (letters.isupper() and (firm or self._told(left, j - s))):
            return False
        claims = self.claims(at[0], j)
        if group in ("CO", "PR", "CR") and not claims and self._road(group, left, right):
            return False
        city = None if bound else self.ask["city_before"].search(left)
        if city and not self.ask["claim_word"].match(city[1]):
            return False
        if not bound and not self._plain(group, left, right, claims):
            return False
        return self._written(group, form, letters, at[0], s, j, left, claims)

    def _told(self, left: str, length: int) -> bool:
        """Whether the word right before says that a number no list names is a reason."""
        word = left.rstrip(" :-\u2013").rpartition(" ")[2]
        return length == 3 and bool(self.ask["denial_near"].fullmatch(word))

    def _road(self, group: str, left: str, right: str) -> bool:
        """Whether the line speaks of roads, houses, or (PR) of pull requests.

        Colorado's and Puerto Rico's roads bear their letters and a number.
        """
        ask = self.ask
        window = f"{left} {right}"
        if group == "PR" and ask["software_near"].search(window):
            return True
        if ask["house_before"].match(left) and ask["town_after"].match(right):
            return True
        return bool(ask["road_after"].match(right) or ask["road_near"].search(window))

    def _elsewhere(self, left: str) -> bool:
        """Whether the words before say: a road, a state, an account."""
        return bool(
            self.ask["road_before"].search(left)
            or self.ask["state_before"].search(left)
            or self.ask["identity_before"].search(left)
        )

    def _plain(self, group: str, left: str, right: str, claims: bool) -> bool:
        """Whether a group loosely joined to its number is neither company, address nor reading."""
        if self.ask["units_after"].match(right):
            return False
        if self.ask["modifiers_before"].search(left):
            return False
        if self.ask["address_after"].match(right) and not claims:
            return False
        if group == "CO" and self.ask["company_before"].search(left):
            return False
        if self.ask["pair_before"].search(left) or self.ask["pair_after"].match(right):
            return False
        return claims or not self.ask["reading_before"].search(left)

    def _written(
        self,
        group: str,
        form: str,
        letters: str,
        start: int,
        s: int,
        j: int,
        left: str,
        claims: bool,
    ) -> bool:
        """Whether the letters are written as a group code would be in this form."""
        upper = letters.isupper()
        number = self.text[s:j]
        if group == "CR" and form != "dash":
            # "CR 107" is a county road, a credit, a lab value; seldom the group.
            return upper and claims
        if upper:
            if form == "glued" and (letters + number in ("CO2",) or not number.isdigit()):
                # "COB1" to "COB3" say which payer comes first, second, third.
                order = letters + number[:1] == "COB" and number[1:] in ("1", "2", "3")
                return not number.isdigit() and not order
            if form in ("space", "mark") and group == "CO" and number == "2":
                return claims
            if form in ("space", "mark") and group == "PI" and len(number) == 1:
                return claims
            return True
        edge = not left.strip(_BULLETS)
        if letters.islower():
            if form == "dash":
                return True
            return claims or (edge and group != "PI" and self.alone(start, j))
        # "Co" and "Pr" with a capital are companies and names, unless what stands before is ours.
        words = left.split()
        ours = edge or bool(self.ask["claim_word"].match(words[-1].strip(":,;(-\u2013")))
        ours = ours or words[-1][-1] in ":;(,=-" or (form == "dash" and words[-1].islower())
        return ours and (form in ("dash", "mark") or claims or self.alone(start, j))

    # --- remark codes -------------------------------------------------------------------------

    def remark(
        self,
        start: int,
        j: int,
        upper: bool,
        labelled: bool,
        listed: bool,
        known: bool,
        beside: bool = False,
    ) -> bool:
        """Whether M, MA or N with its number is a remark code here.

        `labelled`: a label or a column says so. `listed`: it follows another code. `beside`: a
        code stands before it in the line.
        """
        right = self.right(j)
        if not self.clear_left(start, listed or labelled):
            return False
        if not self.clear_right(j, right, listing=True, counted=j - start > 3):
            return False
        before = self.text[start - 1] if start else ""
        if (right[:1] == "*" and before != "*") or (right[:1] == "s" and j - start < 4):
            return False
        if before and before in "*:":
            found = self.segment(start)
            if found is not None and found[0] not in _REMARK_SEGMENTS:
                return False
            if before == "*":
                return known and (found is not None or j - start > 2)
        if self.ask["remark_not_after"].match(right):
            return False
        if labelled:
            return True
        if not upper or not known:
            return False
        left = self.left(start)
        if not listed and (self._disease(start, j) or not self._remark_fits(left)):
            return False
        if j - start == 2 and self.ask["modifier_before"].search(left):
            return False
        if self.ask["diagnosis_neighbour_right"].match(right) and not listed:
            return False
        two = self.text[start + 1] == "A"
        digits = j - start - (2 if two else 1)
        if two:
            return digits > 1 or listed or bool(self.ask["next_in_list"].match(right))
        if digits == 3:
            return True
        if listed or self.ask["next_in_list"].match(right):
            return True
        code = self.text[start:j]
        if digits != 2 or code == "N95":
            return False
        return beside or self.claims(start, j, "denial_near")

    def _remark_fits(self, left: str) -> bool:
        ask = self.ask
        return not (
            ask["remark_not_before"].search(left)
            or ask["identity_before"].search(left)
            or ask["diagnosis_near"].search(left)
            or ask["transit_near"].search(left)
            or ask["diagnosis_neighbour_left"].search(left)
        )

    # --- bare numbers -------------------------------------------------------------------------

    def labelled(self, s: int, j: int, label: Label, first: bool, paired: bool) -> bool:
        """Whether a bare number after its label is the value the label announces.

        `first`: no other value stands between. `paired`: a group is named beside the label.
        """
        right = self.right(j)
        if not self.clear_right(j, right, listing=True) or self.ask["units_after"].match(right):
            return False
        follows = self.ask["next_is_code"].match(right)
        number = self.text[s:j]
        if follows and number.isdigit():
            # "Reason codes: 1. CO-45  2. CO-97": the number counts the codes.
            if right[0] in ".):" and int(number) <= 20:
                return False
            if int(number) <= 9 and not label.plural and right.lstrip()[:1] not in "MN":
                return False
        if not first:
            return bool(self.ask["value_rest_loose"].match(right)) or not right
        gap = self.text[max(0, s - 6) : s]
        counts = len(number) == 1 and not any(sign in ":=#\n\t|" for sign in gap)
        if counts and self.ask["next_is_value"].match(right):
            # "Reason code 1: 107": the number counts the labels.
            return False
        if label.plural and "(" in gap and right[:1] == ")" and not label.crosses:
            return False
        if (label.sure or paired) and not label.crosses:
            return not right or bool(self.ask["value_rest_loose"].match(right))
        if not right or self.ask["value_rest"].match(right):
            if label.crosses or any(sign in ":=#" or sign in self.dashes for sign in gap):
                return True
            return self._spoken(s, j, label)
        named = self.ask["denial_near"].search(self.text[label.start : s])
        return bool(named) and len(number) > 1 and bool(self.ask["spoken_rest"].match(right))

    def _spoken(self, s: int, j: int, label: Label) -> bool:
        """Whether "reason 107" without a colon names a code: what begins so, or is of a denial."""
        if j - s < 2:
            return False
        if self.ask["denial_near"].search(self.text[label.start : s]):
            return True
        if self.claims(label.start, j, "denial_near") or self.alone(label.start, j):
            return True
        left = self.left(label.start).rstrip()
        if not left and self.ask["list_rest"].match(self.right(j)):
            return True
        return (not left or left[-1] in ",;:.(/-\u2013") and (
            j - s > 2 or not self.text[s:j].isdigit()
        )

    def enclosed(self, at: int, j: int) -> bool:
        """Whether a group in brackets that open at `at` is one: what stands before is ours."""
        left = self.left(at).rstrip()
        word = left[left.rfind(" ") + 1 :]
        ours = not left or left[-1] in ":;,-\u2013" or self.ask["claim_word"].match(word)
        return bool(ours) and self.value(j)

    def inherits(self, group: str, gap: str, s: int, j: int) -> bool:
        """Whether a bare number goes on with the group of the code before it: "CO-16, 45"."""
        if not self.ask["inherited_gap"].match(gap):
            return False
        if j - s == 1 and not (group == "PR" and self.text[s:j] in "123"):
            return False
        right = self.right(j)
        if self.ask["units_after"].match(right) or not self.clear_right(j, right, listing=True):
            return False
        return not right or bool(self.ask["inherited_rest"].match(right))

    def value(self, j: int) -> bool:
        """Whether what follows the number leaves it a value: nothing, a list, a description."""
        right = self.right(j)
        if self.ask["units_after"].match(right) or not self.clear_right(j, right, listing=True):
            return False
        return not right or bool(self.ask["value_rest"].match(right))

    def alone(self, s: int, j: int) -> bool:
        """Whether [s, j) is all its line or cell holds."""
        left, right = self.left(s), self.right(j)
        cut = min((at for edge in "\t|" if (at := right.find(edge)) >= 0), default=len(right))
        return not left.strip(_BULLETS) and not right[:cut].strip(_ENDS)

    def state_line(self, line: str) -> bool:
        """Whether a line announces a state: "State:"."""
        return bool(self.ask["state_before"].search(line.strip() + ":"))

    # --- groups beside labels -----------------------------------------------------------------

    def group_left(self, at: int) -> Span | None:
        """The group named right before a label that begins at `at`."""
        begin = max(0, at - LEFT)
        window = self.text[begin:at]
        found = self.ask["group_left"].search(window)
        if not found or window[found.start(1) : found.end(1)].upper() not in rules().spellings:
            return None
        low, high = begin + found.start(1), begin + found.end(1)
        if not self.text[low:high].isupper():
            return None
        before = window[: found.start(1)]
        if self.ask["group_label_left"].search(before):
            return low, high
        if any(edge in self.text[high:at] for edge in "\n\t|"):
            return None
        line = before[before.rfind("\n") + 1 :].rstrip(" \"'([")
        if not line or line[-1] in "\t|:;" or self.ask["claim_near"].search(line[-32:]):
            return None if self.ask["state_before"].search(before) else (low, high)
        return None

    def group_right(self, j: int) -> Span | None:
        """The group named right after a value: "Reason code: 107, group code: CO"."""
        found = self.ask["group_right"].match(self.text[j : j + RIGHT])
        if not found or found[1].upper() not in rules().groups or not found[1].isupper():
            return None
        return j + found.start(1), j + found.end(1)
