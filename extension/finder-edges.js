/**
 * The windows around one candidate, and what touches it: parts of names, amounts, X12 elements.
 * Every question is about a bounded window left or right of one place, cut at the line's end.
 */

import { FINDER_ASK, FINDER_CARC, isDigits, isLetters, isLower, isUpper, isWordly, lastBefore } from "./finder-labels.js";
import { FINDER_RULES } from "./finder-rules.js";

export const LEFT_REACH = 72;
export const RIGHT_REACH = 56;
const TOKEN_REACH = 240;
const QUOTED = 12;

/** @param {string} name @param {string} text */
export const asked = (name, text) => /** @type {RegExp} */ (FINDER_ASK[name]).test(text);

/** Answers for one text. */
export class FinderEdges {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.spaces = FINDER_RULES.chars.spaces ?? "";
    this.dashes = FINDER_RULES.chars.dashes ?? "";
  }

  /** @param {number} at @returns the text left of `at`, within its line and cell */
  left(at) {
    let window = this.text.slice(Math.max(0, at - LEFT_REACH), at);
    for (const edge of "\n\t|") window = window.slice(window.lastIndexOf(edge) + 1);
    return window;
  }

  /** @param {number} at @returns the text right of `at`, within its line */
  right(at) {
    const window = this.text.slice(at, at + RIGHT_REACH);
    const cut = window.indexOf("\n");
    return cut < 0 ? window : window.slice(0, cut + 1);
  }

  /** Whether the line speaks of a claim's adjustment close by.
   * @param {number} start @param {number} end @param {string} [name] */
  claims(start, end, name = "claim_near") {
    let left = this.text.slice(Math.max(0, start - LEFT_REACH), start);
    left = left.slice(left.lastIndexOf("\n") + 1);
    const right = this.right(end);
    return asked(name, left) || asked(name, right) || right.includes("$");
  }

  /** @param {number} start whether it is inside a web address or a path */
  address(start) {
    const token = this.text.slice(Math.max(0, start - TOKEN_REACH), start);
    const last = (/\S*$/.exec(token)?.[0] ?? "").replace(/^[(["']+/, "");
    return last.includes("://") || last.includes("www.") || last.startsWith("/") || last.startsWith("?") || last.includes("\\");
  }

  /** Whether nothing glued on the left makes the code part of something longer.
   * @param {number} start @param {boolean} listed */
  clearLeft(start, listed) {
    if (start === 0) return true;
    const before = this.text[start - 1] ?? "";
    const further = start > 1 ? (this.text[start - 2] ?? "") : " ";
    if ("#&@$\\\u20ac\u00a3".includes(before) && !(before === "#" && listed)) return false;
    if (this.dashes.includes(before) && isWordly(further)) {
      if (listed) return true;
      const word = /\S*$/.exec(this.text.slice(Math.max(0, start - 24), start - 1))?.[0] ?? "";
      return isLetters(word) && word.length > 2 && !isUpper(word);
    }
    if (before === "." && isWordly(further) && isLower(this.text[start] ?? "")) return false;
    if ("/=?.".includes(before) && isWordly(further) && this.address(start)) return false;
    return !(before === "/" && this.address(start));
  }

  /** Whether a quote after the number says feet or inches: none opens before it.
   * @param {number} j @param {string} right */
  measured(j, right) {
    return asked("measure_after", right) && !this.text.slice(Math.max(0, j - QUOTED), j).includes(right[0] ?? "");
  }

  /** Whether nothing glued on the right makes the number part of something longer.
   * @param {number} j @param {string} right @param {boolean} listing a comma or slash may go on with the next code
   * @param {boolean} [counted] "x2" may follow */
  clearRight(j, right, listing, counted = false) {
    if (!right) return true;
    const first = right[0] ?? "";
    if (first === "," && counted && asked("next_amount", right)) return true;
    if (first === "," && listing) {
      const three = right.slice(1, 4);
      if (three.length !== 3 || !isDigits(three) || isDigits(right[4] ?? "")) return true;
      // "CO-16,107" lists two codes; "CO-107,500" and "1,150.00" are amounts.
      return FINDER_CARC.has(three) && !(right[4] === "." && isDigits(right[5] ?? ""));
    }
    if ("/:".includes(first) && isDigits(right[1] ?? "")) return listing || asked("amount_after", right);
    if (first === "-" && right[1] === ">") return true;
    if (asked("not_after", right) || (!counted && (asked("times_after", right) || this.measured(j, right)))) return false;
    if (this.dashes.includes(first)) return asked("code_after_dash", right) || !asked("not_after_dash", right);
    return first !== "_" && first !== "\\";
  }

  /** The X12 segment an offset stands in: its id, where it begins, its element mark.
   * @param {number} at @returns {{ id: string, begin: number, mark: string } | null} */
  segment(at) {
    const low = Math.max(0, at - TOKEN_REACH);
    const begin = Math.max(...[..." \n~\t"].map((sign) => lastBefore(this.text, sign, at, low))) + 1;
    if (begin === 0 && low > 0) return null;
    const found = FINDER_ASK.segment?.exec(this.text.slice(begin, begin + 5));
    if (!found) return null;
    const start = begin + found[0].indexOf(found[1] ?? "");
    return start >= at ? null : { id: found[1] ?? "", begin: start, mark: found[2] ?? "" };
  }

  /** @param {number} start whether a group there is an element of a segment */
  otherSegment(start) {
    return start > 0 && "*^".includes(this.text[start - 1] ?? "");
  }
}
