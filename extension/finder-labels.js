/**
 * The finder's grammar made ready, and labels: what the words right before a value, or in a header
 * cell, say the value is. The rules come from `finder-rules.js`; the server reads the same ones.
 */

import { FINDER_RULES } from "./finder-rules.js";

/**
 * @typedef {"carc" | "rarc" | "both" | "code" | "group" | "diagnosis" | "modifier" | "state" |
 *   "identity" | "other"} HeaderKind
 * @typedef {object} Label
 * @property {"carc" | "rarc" | "both" | "code"} kind
 * @property {boolean} sure it says "code" or is jargon; a bare "Reason" is not sure
 * @property {boolean} plural
 * @property {number} start
 * @property {boolean} crosses a line's or cell's edge lies between label and value
 * @typedef {readonly [number, number]} Span
 */

/** @param {string} name @param {string} [flags] */
const finderPattern = (name, flags = "") => {
  const [source, own] = /** @type {[string, string]} */ (FINDER_RULES.patterns[name]);
  return new RegExp(source, own + flags);
};

/** Every pattern by its name. */
export const FINDER_ASK = Object.fromEntries(
  Object.keys(FINDER_RULES.patterns).map((name) => [name, finderPattern(name)]),
);
export const FINDER_NUMBER = finderPattern("number", "g");
export const FINDER_TOKEN = finderPattern("token", "g");
export const FINDER_COLUMNS = finderPattern("columns", "g");

/** @param {string} ranges `1-3 MA1-MA2` @returns {Set<string>} 1, 2, 3, MA01, MA02 */
function finderSpelledOut(ranges) {
  const found = new Set();
  for (const part of ranges.split(" ")) {
    const [first = "", last = first] = part.split("-");
    const head = first.replace(/[0-9]+$/, "");
    const width = head === "MA" ? 2 : 1;
    for (let at = Number(first.slice(head.length)); at <= Number(last.slice(head.length)); at += 1) {
      found.add(head + String(at).padStart(width, "0"));
    }
  }
  return found;
}

export const FINDER_GROUPS = new Set(FINDER_RULES.groups);
export const FINDER_CARC = finderSpelledOut(FINDER_RULES.known.carc ?? "");
export const FINDER_RARC = finderSpelledOut(FINDER_RULES.known.rarc ?? "");
/** @type {Record<string, Set<string>>} */
export const FINDER_WORDS = Object.fromEntries(
  Object.entries(FINDER_RULES.words).map(([kind, words]) => [kind, new Set(words)]),
);
/** @type {[HeaderKind, Set<string>][]} */
const HEADER_WORDS = Object.entries(FINDER_RULES.headers).map(([kind, words]) => [
  /** @type {HeaderKind} */ (kind),
  new Set(words),
]);
/** Every word a label may consist of. */
const LABEL_WORDS = new Set(
  ["carc", "rarc", "group", "code", "denial", "filler"].flatMap((kind) => [...finderWords(kind)]),
);
const EVERY_HEADER_WORD = new Set([...LABEL_WORDS, ...HEADER_WORDS.flatMap(([, words]) => [...words])]);
/** Last two letters of every word that may stand right before a value. */
export const FINDER_TAILS = new Set([
  "si",
  ...["carc", "rarc", "code", "joining"].flatMap((kind) =>
    [...finderWords(kind)].map((word) => word.slice(-2)),
  ),
]);
const BARE_CODE = new Set([...finderWords("code")].filter((word) => !["no", "nbr", "num", "s"].includes(word)));

const REACH = 96;
const MAX_KEY = 40;
const LABEL_EDGES = "\n\t|";

/** @param {string} kind @returns {Set<string>} */
export function finderWords(kind) {
  return FINDER_WORDS[kind] ?? new Set();
}

/** @param {string} text */
export const isLetters = (text) => /^\p{L}+$/u.test(text);
/** @param {string} text */
export const isWordly = (text) => /^[\p{L}\p{N}]+$/u.test(text);
/** @param {string} text */
export const isDigits = (text) => /^[0-9]+$/.test(text);
/** @param {string} text */
export const isUpper = (text) => text === text.toUpperCase() && text !== text.toLowerCase();
/** @param {string} text */
export const isLower = (text) => text === text.toLowerCase() && text !== text.toUpperCase();

/** @param {string} text @param {string} signs @returns text without those at its end */
export function trimEnd(text, signs) {
  let end = text.length;
  while (end > 0 && signs.includes(text[end - 1] ?? "")) end -= 1;
  return text.slice(0, end);
}

/** @param {string} text @param {string} signs @returns text without those at either end */
export function trimBoth(text, signs) {
  let start = 0;
  const held = trimEnd(text, signs);
  while (start < held.length && signs.includes(held[start] ?? "")) start += 1;
  return held.slice(start);
}

/**
 * Where `sign` last stands in text[low, at), or -1. Looks no further left than `low`.
 * @param {string} text @param {string} sign @param {number} at @param {number} [low]
 */
export function lastBefore(text, sign, at, low = 0) {
  if (at <= low) return -1;
  if (low === 0) return text.lastIndexOf(sign, at - 1);
  const found = text.slice(low, at).lastIndexOf(sign);
  return found < 0 ? -1 : low + found;
}

/** @param {Set<string>} said @param {Set<string>} words */
const meets = (said, words) => {
  for (const word of said) if (words.has(word)) return true;
  return false;
};
/** @param {Set<string>} said @param {Set<string>} words */
const within = (said, words) => {
  for (const word of said) if (!words.has(word)) return false;
  return true;
};

/** @param {string} word `adjReasonCode` as its words; a word of the vocabulary stays whole */
function splitWord(word) {
  const lower = word.toLowerCase();
  if (LABEL_WORDS.has(lower) || finderWords("joining").has(lower)) return [lower];
  return (word.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map((part) => part.toLowerCase());
}

/**
 * The label whose value begins at `at`, or null.
 * @param {string} text @param {number} at
 * @returns {Label | null}
 */
export function labelBefore(text, at) {
  const runs = text.slice(Math.max(0, at - REACH), at).match(/[A-Za-z]+|[^A-Za-z]+/g) ?? [];
  if (!runs.length) return null;
  let place = at;
  let crosses = false;
  let indexed = false;
  let gap = "";
  if (!/^[A-Za-z]/.test(runs.at(-1) ?? "")) {
    gap = runs.pop() ?? "";
    place -= gap.length;
    crosses = [...LABEL_EDGES].some((edge) => gap.includes(edge));
    if (!FINDER_ASK.label_gap?.test(gap)) {
      if (!FINDER_ASK.index_gap?.test(gap)) return null;
      indexed = true;
    }
  }
  const { said, start } = collectWords(runs, place);
  const kind = labelKind(said);
  if (!kind) return null;
  if (crosses && !fillsLine(text, start, gap.includes("\n") ? "\n" : LABEL_EDGES)) return null;
  const sure =
    meets(said, finderWords("carc_sure")) ||
    meets(said, finderWords("rarc")) ||
    meets(said, finderWords("code")) ||
    said.has("ansi");
  return { kind, sure, plural: !indexed && meets(said, finderWords("plural")), start, crosses };
}

/** @param {string[]} runs @param {number} place where they end */
function collectWords(runs, place) {
  /** @type {Set<string>} */
  const said = new Set();
  let start = place;
  for (let run = runs.pop(); run !== undefined; run = runs.pop()) {
    if (!/^[A-Za-z]/.test(run)) {
      if (!FINDER_ASK.word_gap?.test(run)) break;
      place -= run.length;
      continue;
    }
    const words = splitWord(run);
    let whole = true;
    for (const word of words.toReversed()) {
      if (LABEL_WORDS.has(word) || (word === "for" && meets(said, finderWords("denial")))) said.add(word);
      else if (finderWords("joining").has(word) && !said.size) continue;
      else {
        whole = false;
        break;
      }
    }
    if (!whole && words.length === 1) break;
    place -= run.length;
    start = place;
    if (!whole) break;
  }
  return { said, start };
}

/** @param {Set<string>} said @returns {"carc" | "rarc" | "both" | "code" | null} */
function labelKind(said) {
  const remark = meets(said, finderWords("rarc"));
  let reason = meets(said, finderWords("carc")) || said.has("ansi");
  const denial = meets(said, finderWords("denial")) && meets(said, finderWords("code"));
  if (denial && !meets(said, finderWords("group"))) reason = true;
  if (remark && reason) return meets(said, finderWords("carc")) ? "both" : "rarc";
  if (said.size && within(said, BARE_CODE)) return "code";
  return remark ? "rarc" : reason ? "carc" : null;
}

/** Whether nothing but space stands between the line's or cell's edge and `start`.
 * @param {string} text @param {number} start @param {string} edges */
function fillsLine(text, start, edges) {
  const before = text.slice(Math.max(0, start - REACH), start);
  const cut = Math.max(...[...edges].map((edge) => before.lastIndexOf(edge)));
  if (cut < 0 && start > REACH) return false;
  return !/[\p{L}\p{N}]/u.test(before.slice(cut + 1));
}

/**
 * What the line above, or the cell before, says a value at `at` is: "Auth #", "Diagnosis".
 * @param {string} text @param {number} at
 * @returns {HeaderKind | null}
 */
export function keyKind(text, at) {
  const edge = text[at - 1];
  if (edge !== "\n" && edge !== "\t") return null;
  let key = text.slice(Math.max(0, at - 1 - MAX_KEY), at - 1);
  key = key.slice(Math.max(key.lastIndexOf("\n"), edge === "\n" ? -1 : key.lastIndexOf("\t")) + 1);
  if (key.length === MAX_KEY || key.includes("\t") || (key.match(/[0-9]/g) ?? []).length > 2) return null;
  return headerKind(trimBoth(key, " :*\u00a0"));
}

/** @type {Map<string, HeaderKind | null>} */
const headersSeen = new Map();

/**
 * What a column holds whose header cell says `text`; null where the words say nothing.
 * @param {string} text
 * @returns {HeaderKind | null}
 */
export function headerKind(text) {
  if (text.length > REACH) return null;
  const seen = headersSeen.get(text);
  if (seen !== undefined) return seen;
  if (headersSeen.size > 8192) headersSeen.clear();
  const kind = weighHeader(text);
  headersSeen.set(text, kind);
  return kind;
}

/** @param {string} text @returns {HeaderKind | null} */
function weighHeader(text) {
  const said = new Set((text.match(/[A-Za-z]+[0-9]*/g) ?? []).flatMap(headerWords));
  for (const word of finderWords("noise")) said.delete(word);
  // "Reason for denial"
  if (meets(said, finderWords("denial"))) said.delete("for");
  if (!said.size) {
    return text.includes("#") ? "identity" : text.includes("$") || text.includes("%") ? "other" : null;
  }
  if (within(said, LABEL_WORDS)) {
    const core = meets(said, finderWords("carc")) || meets(said, finderWords("rarc"));
    if (text.includes("#") && !core) return "identity";
    const numbered = ["no", "nbr", "num"].some((word) => said.has(word));
    if (meets(said, finderWords("group")) && !numbered) return labelKind(said) ?? "group";
    const kind = labelKind(said);
    if (kind) return kind;
  }
  return otherKind(said);
}

/** @param {string} run */
function headerWords(run) {
  const lower = run.toLowerCase();
  if (HEADER_WORDS.some(([, words]) => words.has(lower))) return [lower];
  const bare = run.replace(/[0-9]+$/, "");
  return bare ? splitWord(bare) : [];
}

/** @param {Set<string>} said @returns {HeaderKind | null} */
function otherKind(said) {
  if (!within(said, EVERY_HEADER_WORD)) return null;
  for (const [kind, words] of HEADER_WORDS) {
    if (meets(said, words) && within(said, new Set([...words, ...LABEL_WORDS]))) return kind;
  }
  for (const [kind, words] of HEADER_WORDS.slice(3)) if (meets(said, words)) return kind;
  return null;
}
