/**
 * Finding denial codes: `findInText` in plain text, `findInNodes` in a live page.
 *
 * The rules are the server's own, made into `finder-rules.js`; a test holds both to the same
 * answers on one corpus.
 */

import { TextTables } from "./finder-columns.js";
import { findInFlow, seenText, stretchOf } from "./finder-flow.js";
import { findInNodes, finderScope } from "./finder-pages.js";

/** @typedef {import("./finder-scan.js").Found} Found */

/** Where a code stands, for the order of the answers. @param {Found} a @param {Found} b */
const byPlace = (a, b) =>
  (a.spans[0]?.[0] ?? 0) - (b.spans[0]?.[0] ?? 0) || (a.spans.at(-1)?.[1] ?? 0) - (b.spans.at(-1)?.[1] ?? 0);

/**
 * Every denial code in plain text, in the order they stand. Offsets are UTF-16 units.
 * @param {string} text
 * @param {{ crosswalk?: Record<string, string> }} [options] a payer's own codes and what they mean
 * @returns {Found[]}
 */
export function findInText(text, { crosswalk = {} } = {}) {
  const seen = seenText(text);
  const found = findInFlow(seen.text, new TextTables(seen.text), crosswalk);
  const place = (/** @type {number} */ at) => {
    const index = stretchOf(seen.starts, at);
    return (seen.outer[index] ?? 0) + at - (seen.starts[index] ?? 0);
  };
  for (const hit of found) hit.spans = hit.spans.map(([start, end]) => [place(start), place(end - 1) + 1]);
  return found.sort(byPlace);
}

export { findInNodes, finderScope };
