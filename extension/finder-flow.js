/**
 * The text the grammar reads: what a reader sees of it, and everything found in it.
 */

import { FINDER_ASK } from "./finder-labels.js";
import { FINDER_RULES } from "./finder-rules.js";
import { FinderScan } from "./finder-scan.js";

/**
 * @typedef {import("./finder-scan.js").Found} Found
 * @typedef {import("./finder-scan.js").Tables} Tables
 */

/** Where each stretch of a seen text begins in itself and outside.
 * @typedef {{ text: string, starts: number[], outer: number[] }} Seen */

const UNSEEN = new RegExp(`[${FINDER_RULES.chars.unseen}]+`, "g");
const ODD = new RegExp(`[${FINDER_RULES.chars.unseen}\uff01-\uff5e\r]`);

/** The text as a reader sees it: unseen characters dropped, full-width ones narrowed.
 * @param {string} text @param {number} [outer] @returns {Seen} */
export function seenText(text, outer = 0) {
  if (!ODD.test(text)) return { text, starts: [0], outer: [outer] };
  const narrow = text
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replaceAll("\r", " ");
  const starts = [0];
  const places = [outer];
  let seen = "";
  let last = 0;
  for (const gap of narrow.matchAll(UNSEEN)) {
    seen += narrow.slice(last, gap.index);
    last = gap.index + gap[0].length;
    starts.push(seen.length);
    places.push(outer + last);
  }
  return { text: seen + narrow.slice(last), starts, outer: places };
}

/** @param {number[]} starts @param {number} at the index of the stretch that holds `at` */
export function stretchOf(starts, at) {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The payer's own codes a portal's crosswalk names, where they stand alone.
 * @param {string} text @param {Tables} tables @param {Record<string, string>} crosswalk
 * @returns {Found[]} */
function payerCodes(text, tables, crosswalk) {
  const codes = new Set(Object.keys(crosswalk).filter((code) => code.trim()));
  if (!codes.size) return [];
  const odd = [...codes].filter((code) => !/^[\p{L}\p{N}]+$/u.test(code)).sort((a, b) => b.length - a.length);
  const longest = Math.max(...[...codes].map((code) => code.length));
  const bodies = odd.map((code) => code.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&"));
  if (odd.length < codes.size) bodies.push(`[A-Za-z0-9]{1,${longest}}`);
  const token = new RegExp(`(?<![A-Za-z0-9_#$])(?:${bodies.join("|")})(?![A-Za-z0-9_%]|[.,-][0-9])`, "g");
  /** @type {Found[]} */
  const found = [];
  for (const match of text.matchAll(token)) {
    if (!codes.has(match[0])) continue;
    const start = match.index;
    const line = text.slice(Math.max(0, start - 72), start).split(/[\n\t|]/).at(-1) ?? "";
    if (/[\p{L}\p{N}][-.]$/u.test(line) || FINDER_ASK.identity_before?.test(line)) continue;
    const kind = tables.cell(start)?.kind;
    if (kind === "identity" || kind === "other" || kind === "state") continue;
    found.push({ code: match[0], kind: "payer", known: true, spans: [[start, start + match[0].length]] });
  }
  return found;
}

/** Everything one flow holds, in its offsets and order.
 * @param {string} text @param {Tables} tables @param {Record<string, string>} [crosswalk] */
export function findInFlow(text, tables, crosswalk = {}) {
  const found = new FinderScan(text, tables).run();
  const taken = found.flatMap((hit) => hit.spans);
  const free = (/** @type {Found} */ hit) =>
    !taken.some(([start, end]) => hit.spans.some((span) => start < span[1] && span[0] < end));
  found.push(...payerCodes(text, tables, crosswalk).filter(free));
  for (const hit of found) hit.spans.sort((a, b) => a[0] - b[0]);
  return found;
}
