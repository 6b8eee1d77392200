/**
 * Codes in a live page: read from its text nodes, answered as ranges of them. Nothing is changed.
 *
 * The page is read as the server reads HTML (`server/codes/finder_pages.py`): blocks are lines,
 * cells are cells. Of a node only `nodeType`, `localName`, `data`, `firstChild`, `nextSibling`,
 * `parentNode` and `getAttribute` are asked.
 */

import { findInFlow, seenText, stretchOf } from "./finder-flow.js";
import { PageGrids } from "./finder-grids.js";
import { isDigits, isLower, isWordly } from "./finder-labels.js";
import { FINDER_RULES } from "./finder-rules.js";

/**
 * @typedef {{ node: Text, start: number, end: number }} TextRange within one text node
 * @typedef {object} FoundInNodes
 * @property {string} code
 * @property {"carc" | "rarc" | "payer"} kind
 * @property {boolean} known
 * @property {TextRange[]} ranges in the page's order
 */

const TAGS_DROPPED = new Set(FINDER_RULES.tags.dropped);
const TAGS_KEPT = new Set(FINDER_RULES.tags.kept);
const TAGS_LINES = new Set(FINDER_RULES.tags.lines);
/** Collects the flow, piece by piece, and which text node each piece comes from. */
class PageWriter {
  constructor() {
    this.text = "";
    this.last = "\n";
    /** @type {number[]} */
    this.starts = [];
    /** @type {{ node: Text, at: number }[]} */
    this.places = [];
    this.apart = false;
    this.edge = "";
    this.typed = false;
  }

  /** @param {string} sign a line's or a cell's edge; lines are not doubled */
  mark(sign) {
    if (sign === "\n" && this.last === "\n") return;
    this.put(sign);
    this.apart = false;
    this.edge = "";
  }

  /** @param {Text} node @param {boolean} kept whether its blanks are its own */
  node(node, kept) {
    const text = node.data;
    if (!text) return;
    const first = text[0] ?? "";
    if (isWordly(this.last) && isWordly(first)) {
      // Elements that meet without a blank are still apart to the eye, mostly.
      if (this.apart || (this.edge && isLower(this.last) && isDigits(first))) this.put(" ");
    }
    if (kept) {
      this.typed = true;
      this.piece(node, 0, text);
    } else this.collapsed(node, text);
    this.apart = false;
    this.edge = "";
  }

  /** @param {Text} node @param {string} text */
  collapsed(node, text) {
    let at = 0;
    for (const gap of text.matchAll(/[ \t\n\r\f]{2,}|[\t\n\r\f]/g)) {
      if (gap.index > at) this.piece(node, at, text.slice(at, gap.index));
      if (!" \n\t".includes(this.last)) this.piece(node, gap.index, " ");
      at = gap.index + gap[0].length;
    }
    if (at < text.length) this.piece(node, at, text.slice(at));
  }

  /** @param {Text} node @param {number} at @param {string} text */
  piece(node, at, text) {
    const seen = seenText(text, at);
    for (const [index, start] of seen.starts.entries()) {
      this.starts.push(this.text.length + start);
      this.places.push({ node, at: seen.outer[index] ?? at });
    }
    if (seen.text) this.put(seen.text);
  }

  /** @param {string} text */
  put(text) {
    this.text += text;
    this.last = text.slice(-1);
  }

  /** A stretch of the flow as ranges of text nodes; edges written in between belong to none.
   * @param {number} start @param {number} end @returns {TextRange[]} */
  ranges(start, end) {
    /** @type {TextRange[]} */
    const found = [];
    for (let index = stretchOf(this.starts, start); index < this.starts.length; index += 1) {
      const from = this.starts[index] ?? 0;
      const { node, at } = /** @type {{ node: Text, at: number }} */ (this.places[index]);
      if (from >= end) break;
      const next = this.starts[index + 1] ?? this.text.length;
      const low = at + Math.max(start, from) - from;
      const high = Math.min(at + Math.min(end, next) - from, node.data.length);
      const before = found.at(-1);
      if (low >= high) continue;
      if (before?.node === node) before.end = high;
      else found.push({ node, start: low, end: high });
    }
    return found;
  }
}

/** @param {Element} node @param {string} tag */
function roleOf(node, tag) {
  return FINDER_RULES.roles[node.getAttribute("role") ?? ""] ?? FINDER_RULES.parts[tag] ?? "";
}

/** @param {Element} node @param {PageWriter} writer @param {PageGrids} grids */
function openElement(node, writer, grids) {
  const tag = node.localName;
  const role = roleOf(node, tag);
  if (tag === "br") writer.mark("\n");
  else if (role === "cell" || role === "head") {
    if (grids.inRowWithCells()) writer.mark("\t");
    else if (!grids.inRow()) writer.mark("\n");
  } else if (TAGS_LINES.has(tag) || role) writer.mark("\n");
  else if (tag !== "wbr") {
    // A raised figure after a code is a footnote's.
    writer.apart ||= writer.edge === "close" || tag === "sup";
    writer.edge = "open";
  }
  grids.enter(node, tag, role, writer.text.length);
}

/** @param {Element} node @param {PageWriter} writer @param {PageGrids} grids */
function closeElement(node, writer, grids) {
  const tag = node.localName;
  const role = roleOf(node, tag);
  grids.leave(role, writer.text.length);
  if (role === "cell" || role === "head") return;
  if (TAGS_LINES.has(tag) || role) writer.mark("\n");
  else if (tag !== "br" && tag !== "wbr") writer.edge = "close";
}

/**
 * The part of the page a node must be read with, for its labels and headers to be seen: the
 * outermost table, grid or list of terms around it, else the closest block with its neighbours.
 * @param {Node} node
 * @returns {Node}
 */
export function finderScope(node) {
  /** @type {Node | null} */
  let scope = null;
  /** @type {Node | null} */
  let block = null;
  for (let above = /** @type {Node | null} */ (node); above; above = above.parentNode) {
    if (above.nodeType !== 1) continue;
    const element = /** @type {Element} */ (above);
    const tag = element.localName;
    if (roleOf(element, tag) === "table" || tag === "dl") scope = above;
    if (!block && TAGS_LINES.has(tag) && !roleOf(element, tag)) block = above;
  }
  return scope ?? block?.parentNode ?? block ?? node;
}

/**
 * Every denial code in a part of a page, in the page's order, as ranges of its text nodes.
 * @param {Node} root read as a whole: pass `finderScope(node)` where only a node changed
 * @param {object} [options]
 * @param {Record<string, string>} [options.crosswalk] a payer's own codes and what they mean
 * @param {(element: Element) => boolean} [options.skip] elements to leave out, with all they hold
 * @returns {FoundInNodes[]}
 */
export function findInNodes(root, { crosswalk = {}, skip = () => false } = {}) {
  const writer = new PageWriter();
  const grids = new PageGrids();
  let kept = 0;
  const enters = (/** @type {Node} */ node) => {
    if (node.nodeType === 3) writer.node(/** @type {Text} */ (node), kept > 0);
    if (node.nodeType !== 1) return node.nodeType === 11 || node.nodeType === 9;
    const element = /** @type {Element} */ (node);
    const tag = element.localName;
    if (TAGS_DROPPED.has(tag) || tag === "noscript" || skip(element)) return false;
    if (TAGS_KEPT.has(tag)) kept += 1;
    openElement(element, writer, grids);
    return true;
  };
  const leaves = (/** @type {Node} */ node) => {
    if (node.nodeType !== 1) return;
    const element = /** @type {Element} */ (node);
    closeElement(element, writer, grids);
    if (TAGS_KEPT.has(element.localName)) kept -= 1;
  };
  /** @type {Node} */
  let node = root;
  for (;;) {
    if (enters(node)) {
      if (node.firstChild) {
        node = node.firstChild;
        continue;
      }
      leaves(node);
    }
    while (node !== root && !node.nextSibling && node.parentNode) {
      node = node.parentNode;
      leaves(node);
    }
    if (node === root || !node.nextSibling) break;
    node = node.nextSibling;
  }
  grids.finish(writer.text, writer.typed);
  return findInFlow(writer.text, grids, crosswalk)
    .map(({ code, kind, known, spans }) => ({
      from: spans[0]?.[0] ?? 0,
      to: spans.at(-1)?.[1] ?? 0,
      found: { code, kind, known, ranges: spans.flatMap(([start, end]) => writer.ranges(start, end)) },
    }))
    .sort((a, b) => a.from - b.from || a.to - b.to)
    .map(({ found }) => found);
}
