/**
 * What a number's surroundings forbid: amounts, dates, roads, states, companies, diagnoses.
 * Every question is about a bounded window left or right of one candidate, cut at the line's end.
 */

import { FinderEdges, LEFT_REACH, RIGHT_REACH, asked } from "./finder-edges.js";
import {
  FINDER_ASK,
  FINDER_GROUPS,
  finderWords,
  isDigits,
  isLetters,
  isLower,
  isUpper,
  trimBoth,
  trimEnd,
} from "./finder-labels.js";
import { FINDER_RULES } from "./finder-rules.js";

/**
 * @typedef {import("./finder-labels.js").Label} FinderLabel
 * @typedef {import("./finder-labels.js").Span} FinderSpan
 * @typedef {"dash" | "mark" | "space" | "glued"} Form
 */

const MAX_WARY = 10000;
const BULLETS = " \u00a0\u2022\u00b7*-(\"'";
const ENDS = " \u00a0.)\"'\n";
const REMARK_SEGMENTS = new Set(["LQ", "MOA", "MIA", "HE"]);

/** @param {string} text @param {string} signs */
const holdsAny = (text, signs) => [...signs].some((sign) => text.includes(sign));

/** Answers for one text. */
export class FinderGuard extends FinderEdges {
  /** @param {string} text */
  constructor(text) {
    super(text);
    /** @type {Map<string, "fine" | "code" | "wary">} */
    this.words = new Map();
  }

  /** @param {number} start whether the word before a code calls for a second look */
  wary(start) {
    const words = this.text.slice(Math.max(0, start - 24), start - 1).split(/\s+/).filter(Boolean);
    const last = words.at(-1) ?? "";
    let held = this.words.get(last);
    if (!held) {
      if (this.words.size > MAX_WARY) this.words.clear();
      held = this.weigh(last);
      this.words.set(last, held);
    }
    if (held !== "code") return held === "wary";
    // "Remark codes N122": the word before says of what.
    return this.weigh(words.at(-2) ?? "") !== "fine";
  }

  /** @param {string} last @returns {"fine" | "code" | "wary"} */
  weigh(last) {
    const city = last.endsWith(",") && isUpper(last[0] ?? "") && isLetters(last.slice(0, -1));
    const word = trimBoth(last, ":.;(-\u2013\"'").toLowerCase();
    if (last.includes("#") || "&=".includes(last.slice(-1)) || city || finderWords("wary").has(word) || !word) {
      return "wary";
    }
    return finderWords("code").has(word) ? "code" : "fine";
  }

  /** Whether a line (in small letters) could speak of what the stems belong to.
   * @param {string} line @param {string} stems */
  holds(line, stems) {
    for (const stem of finderWords(stems)) if (line.includes(stem)) return true;
    return false;
  }

  /** Whether a group with its number is a road's, by the words around it.
   * @param {number} start @param {number} j */
  road(start, j) {
    const left = this.left(start);
    const right = this.right(j);
    return !this.claims(start, j) && this.roadAround(this.text.slice(start, start + 2), left, right);
  }

  /** Whether the line speaks of a claim's adjustment, or another code follows.
   * @param {number} start @param {number} j */
  claimed(start, j) {
    return asked("next_in_list", this.right(j)) || this.claims(start, j);
  }

  /** Whether neither neighbour of a remark code looks like a diagnosis: a letter, digits.
   * @param {number} start @param {number} j */
  lone(start, j) {
    const before = trimEnd(this.text.slice(Math.max(0, start - 3), start), " ,;");
    if (isDigits(before.slice(-1))) return false;
    const after = this.text.slice(j, j + 4).replace(/^[ ,;]+/, "");
    return !(isDigits(after[1] ?? "") && isLetters(after[0] ?? "") && !"MN".includes(after[0] ?? ""));
  }

  /** Whether a remark code stands in no list of diagnoses.
   * @param {number} start @param {number} j */
  noDiagnosis(start, j) {
    if (this.disease(start, j) || !this.remarkFits(this.left(start))) return false;
    const right = this.right(j);
    return !asked("diagnosis_neighbour_right", right) && !asked("remark_not_after", right);
  }

  /** Whether the words around name a disease and no denial: `ESRD N186` is N18.6.
   * @param {number} start @param {number} j */
  disease(start, j) {
    const named = asked("disease_near", this.left(start)) || asked("disease_near", this.right(j));
    return named && !this.claims(start, j);
  }

  /**
   * Whether group and number, joined in this form, are a denial code here.
   * @param {string} group @param {Form} form @param {FinderSpan} at @param {number} s
   * @param {number} j @param {boolean} known @param {boolean} listed a label or a code before says so
   */
  grouped(group, form, at, s, j, known, listed) {
    const letters = this.text.slice(at[0], at[1]);
    const right = this.right(j);
    const gap = this.text.slice(at[1], s);
    const star = gap.includes("*");
    if (!this.clearLeft(at[0], listed)) return false;
    const tight = form === "dash" || form === "glued";
    const listing = form === "dash" || listed || (right[0] === "/" && this.claims(at[0], j));
    if (!this.clearRight(j, right, listing, tight)) return false;
    // "Two CO-107s" are codes; "PR 90s" is not.
    if (right[0] === "s" && !(tight && isUpper(letters))) return false;
    if (asked("phone_after", right)) return false;
    if (!star && at[0] && this.text[at[0] - 1] === "*" && this.segment(at[0])) return false;
    if (holdsAny(gap, "([") && right[0] !== ")" && right[0] !== "]") return false;
    if (listed) return true;
    const left = this.left(at[0]);
    if (left && this.elsewhere(left)) return false;
    const bound = (form === "dash" || form === "mark") && !holdsAny(gap, this.spaces);
    const firm = bound && (form === "dash" || star);
    if (!known && !(isUpper(letters) && (firm || this.told(left, j - s)))) return false;
    const claims = this.claims(at[0], j);
    const numbered = group === "CO" || group === "PR" || group === "CR";
    if (numbered && !claims && this.roadAround(group, left, right)) return false;
    const city = bound ? null : FINDER_ASK.city_before?.exec(left);
    if (city && !asked("claim_word", city[1] ?? "")) return false;
    if (!bound && !this.plain(group, left, right, claims)) return false;
    return this.written(group, form, letters, at[0], s, j, left, claims);
  }

  /** Whether the word right before says that a number no list names is a reason.
   * @param {string} left @param {number} length */
  told(left, length) {
    const words = trimEnd(left, " :-\u2013");
    const word = words.slice(words.lastIndexOf(" ") + 1);
    return length === 3 && FINDER_ASK.denial_near?.exec(word)?.[0] === word && word !== "";
  }

  /** Whether the line speaks of roads, houses, or (PR) of pull requests.
   * @param {string} group @param {string} left @param {string} right */
  roadAround(group, left, right) {
    const window = `${left} ${right}`;
    if (group === "PR" && asked("software_near", window)) return true;
    if (asked("house_before", left) && asked("town_after", right)) return true;
    return asked("road_after", right) || asked("road_near", window);
  }

  /** @param {string} left whether its last words say: a road, a state, an account */
  elsewhere(left) {
    return asked("road_before", left) || asked("state_before", left) || asked("identity_before", left);
  }

  /** Whether a group loosely joined to its number is neither company, address nor reading.
   * @param {string} group @param {string} left @param {string} right @param {boolean} claims */
  plain(group, left, right, claims) {
    if (asked("units_after", right) || asked("modifiers_before", left)) return false;
    if (asked("address_after", right) && !claims) return false;
    if (group === "CO" && asked("company_before", left)) return false;
    if (asked("pair_before", left) || asked("pair_after", right)) return false;
    return claims || !asked("reading_before", left);
  }

  /**
   * Whether the letters are written as a group code would be in this form.
   * @param {string} group @param {Form} form @param {string} letters @param {number} start
   * @param {number} s @param {number} j @param {string} left @param {boolean} claims
   */
  written(group, form, letters, start, s, j, left, claims) {
    const number = this.text.slice(s, j);
    if (group === "CR" && form !== "dash") return isUpper(letters) && claims;
    if (isUpper(letters)) {
      if (form === "glued" && (letters + number === "CO2" || !isDigits(number))) {
        // "COB1" to "COB3" say which payer comes first, second, third.
        const order = /^COB[123]$/.test(letters + number);
        return !isDigits(number) && !order;
      }
      const loose = form === "space" || form === "mark";
      const doubtful = (group === "CO" && number === "2") || (group === "PI" && number.length === 1);
      return loose && doubtful ? claims : true;
    }
    const edge = !trimBoth(left, BULLETS);
    if (isLower(letters)) return form === "dash" || claims || (edge && group !== "PI" && this.alone(start, j));
    // "Co" and "Pr" with a capital are companies and names, unless what stands before is ours.
    const last = left.trim().split(/\s+/).at(-1) ?? "";
    let ours = edge || asked("claim_word", trimBoth(last, ":,;(-\u2013")) || ":;(,=-".includes(last.slice(-1));
    ours ||= form === "dash" && isLower(last);
    return ours && (form === "dash" || form === "mark" || claims || this.alone(start, j));
  }

  /**
   * Whether M, MA or N with its number is a remark code here.
   * @param {number} start @param {number} j @param {boolean} upper
   * @param {boolean} labelled a label or a column says so @param {boolean} listed @param {boolean} known
   * @param {boolean} [beside] a code stands before it in the line
   */
  remark(start, j, upper, labelled, listed, known, beside = false) {
    const right = this.right(j);
    if (!this.clearLeft(start, listed || labelled) || !this.clearRight(j, right, true, j - start > 3)) return false;
    const before = start ? (this.text[start - 1] ?? "") : "";
    if ((right[0] === "*" && before !== "*") || (right[0] === "s" && j - start < 4)) return false;
    if (before === "*" || before === ":") {
      const found = this.segment(start);
      if (found && !REMARK_SEGMENTS.has(found.id)) return false;
      if (before === "*") return known && (found !== null || j - start > 2);
    }
    if (asked("remark_not_after", right)) return false;
    if (labelled) return true;
    if (!upper || !known) return false;
    const left = this.left(start);
    if (!listed && (this.disease(start, j) || !this.remarkFits(left))) return false;
    if (j - start === 2 && asked("modifier_before", left)) return false;
    if (asked("diagnosis_neighbour_right", right) && !listed) return false;
    const two = this.text[start + 1] === "A";
    const digits = j - start - (two ? 2 : 1);
    if (two) return digits > 1 || listed || asked("next_in_list", right);
    if (digits === 3 || listed || asked("next_in_list", right)) return true;
    if (digits !== 2 || this.text.slice(start, j) === "N95") return false;
    return beside || this.claims(start, j, "denial_near");
  }

  /** @param {string} left */
  remarkFits(left) {
    return !(
      asked("remark_not_before", left) ||
      asked("identity_before", left) ||
      asked("diagnosis_near", left) ||
      asked("transit_near", left) ||
      asked("diagnosis_neighbour_left", left)
    );
  }

  /**
   * Whether a bare number after its label is the value the label announces.
   * @param {number} s @param {number} j @param {FinderLabel} label
   * @param {boolean} first no other value stands between
   * @param {boolean} paired a group is named beside the label
   */
  labelled(s, j, label, first, paired) {
    const right = this.right(j);
    if (!this.clearRight(j, right, true) || asked("units_after", right)) return false;
    const number = this.text.slice(s, j);
    if (asked("next_is_code", right) && isDigits(number)) {
      // "Reason codes: 1. CO-45  2. CO-97": the number counts the codes.
      if (".):".includes(right[0] ?? "") && Number(number) <= 20) return false;
      if (Number(number) <= 9 && !label.plural && !"MN".includes(right.trimStart()[0] ?? "")) return false;
    }
    if (!first) return asked("value_rest_loose", right) || !right;
    const gap = this.text.slice(Math.max(0, s - 6), s);
    // "Reason code 1: 107": the number counts the labels.
    if (number.length === 1 && !holdsAny(gap, ":=#\n\t|") && asked("next_is_value", right)) return false;
    if (label.plural && gap.includes("(") && right[0] === ")" && !label.crosses) return false;
    if ((label.sure || paired) && !label.crosses) return !right || asked("value_rest_loose", right);
    if (!right || asked("value_rest", right)) {
      return label.crosses || holdsAny(gap, ":=#") || holdsAny(gap, this.dashes) || this.spoken(s, j, label);
    }
    const named = asked("denial_near", this.text.slice(label.start, s));
    return named && number.length > 1 && asked("spoken_rest", right);
  }

  /** Whether "reason 107" without a colon names a code: what begins so, or is of a denial.
   * @param {number} s @param {number} j @param {FinderLabel} label */
  spoken(s, j, label) {
    if (j - s < 2) return false;
    if (asked("denial_near", this.text.slice(label.start, s))) return true;
    if (this.claims(label.start, j, "denial_near") || this.alone(label.start, j)) return true;
    const left = this.left(label.start).trimEnd();
    if (!left && asked("list_rest", this.right(j))) return true;
    const begins = !left || ",;:.(/-\u2013".includes(left.slice(-1));
    return begins && (j - s > 2 || !isDigits(this.text.slice(s, j)));
  }

  /** Whether a group in brackets that open at `at` is one: what stands before is ours.
   * @param {number} at @param {number} j */
  enclosed(at, j) {
    const left = this.left(at).trimEnd();
    const word = left.slice(left.lastIndexOf(" ") + 1);
    return (!left || ":;,-\u2013".includes(left.slice(-1)) || asked("claim_word", word)) && this.value(j);
  }

  /** Whether a bare number goes on with the group of the code before it: "CO-16, 45".
   * @param {string} group @param {string} gap @param {number} s @param {number} j */
  inherits(group, gap, s, j) {
    if (!asked("inherited_gap", gap)) return false;
    if (j - s === 1 && !(group === "PR" && "123".includes(this.text.slice(s, j)))) return false;
    const right = this.right(j);
    if (asked("units_after", right) || !this.clearRight(j, right, true)) return false;
    return !right || asked("inherited_rest", right);
  }

  /** @param {number} j whether what follows leaves it a value: nothing, a list, a description */
  value(j) {
    const right = this.right(j);
    if (asked("units_after", right) || !this.clearRight(j, right, true)) return false;
    return !right || asked("value_rest", right);
  }

  /** Whether [s, j) is all its line holds. @param {number} s @param {number} j */
  alone(s, j) {
    const right = this.right(j).split(/[\t|]/)[0] ?? "";
    return !trimBoth(this.left(s), BULLETS) && !trimBoth(right, ENDS);
  }

  /** @param {string} line whether it announces a state: "State:" */
  stateLine(line) {
    return asked("state_before", `${line.trim()}:`);
  }

  /** The group named right before a label that begins at `at`.
   * @param {number} at @returns {FinderSpan | null} */
  groupLeft(at) {
    const begin = Math.max(0, at - LEFT_REACH);
    const window = this.text.slice(begin, at);
    const found = FINDER_ASK.group_left?.exec(window);
    const letters = found?.[1] ?? "";
    if (!found || !(letters.toUpperCase() in FINDER_RULES.spellings) || !isUpper(letters)) return null;
    const low = found.index + found[0].indexOf(letters);
    /** @type {FinderSpan} */
    const span = [begin + low, begin + low + 2];
    const before = window.slice(0, low);
    if (asked("group_label_left", before)) return span;
    if (holdsAny(this.text.slice(span[1], at), "\n\t|")) return null;
    const line = trimEnd(before.slice(before.lastIndexOf("\n") + 1), " \"'([");
    if (!line || "\t|:;".includes(line.slice(-1)) || asked("claim_near", line.slice(-32))) {
      return asked("state_before", before) ? null : span;
    }
    return null;
  }

  /** The group named right after a value: "Reason code: 107, group code: CO".
   * @param {number} j @returns {FinderSpan | null} */
  groupRight(j) {
    const found = FINDER_ASK.group_right?.exec(this.text.slice(j, j + RIGHT_REACH));
    const letters = found?.[1] ?? "";
    if (!found || !FINDER_GROUPS.has(letters)) return null;
    const low = j + found[0].lastIndexOf(letters);
    return [low, low + 2];
  }

}
