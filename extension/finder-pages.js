/**
 * Codes in a live page: read from its text nodes, answered as ranges of them. Nothing is changed.
 *
 * The page is read as the server reads HTML (`server/codes/finder_pages.py`): blocks are lines,
 * cells are cells, tables have headers, from markup, ARIA roles or like rows of blocks. It needs
 * of a node only `nodeType`, `localName`, `data`, `firstChild`, `nextSibling`, `parentNode` and
 * `getAttribute`.
 */

import { MAY_HOLD_GROUP, TextTables, groupsIn } from "./finder-columns.js";
import { FINDER_GROUPS, headerKind, isLower, isWordly, isDigits } from "./finder-labels.js";
import { FINDER_RULES } from "./finder-rules.js";
import { findInFlow, seenText, stretchOf } from "./finder-scan.js";

/**
 * @typedef {{ node: Text, start: number, end: number }} TextRange within one text node
 * @typedef {object} FoundInNodes
 * @property {string} code
 * @property {"carc" | "rarc" | "payer"} kind
 * @property {boolean} known
 * @property {TextRange[]} ranges in the page's order
 * @typedef {object} PageCell
 * @property {number} start
 * @property {number} end
 * @property {boolean} head
 * @property {number} across
 * @property {number} down
 * @property {string} label
 * @property {import("./finder-columns.js").HeaderKind | null} kind
 * @property {boolean} headed
 * @property {PageCell[]} row
 * @property {number} column
 * @property {number} parent
 * @property {() => import("./finder-labels.js").Span[]} groups
 * @typedef {object} Frame an element while its content is read, and after
 * @property {Frame | null} parent
 * @property {number} start
 * @property {number} end
 * @property {boolean} plain neither table, row nor cell: may turn out to be a row of blocks
 * @property {[number, number][]} kids
 * @property {PageTable | null} opened
 * @property {PageCell | null} cell
 * @typedef {{ rows: PageCell[][], rowOpen: boolean }} PageTable
 */

const TAGS_DROPPED = new Set(FINDER_RULES.tags.dropped);
const TAGS_KEPT = new Set(FINDER_RULES.tags.kept);
const TAGS_LINES = new Set(FINDER_RULES.tags.lines);
const STRUCTURE = new Set(["html", "head", "body", "thead", "tbody", "tfoot", "colgroup"]);
const LABEL_ATTRIBUTES = ["data-label", "data-th", "data-title", "data-header", "data-column"];
/** @type {ReadonlySet<import("./finder-columns.js").HeaderKind | null>} */
const HEADS_CODES = new Set(["carc", "rarc", "both", "group"]);
const MAX_COLUMNS = 256;
const MAX_LIKE = 40;
const MAX_HEADER = 400;
const REACH_UP = 3;
const MAX_DEPTH = 64;
const PATIENCE = 20000;

/** @param {string | null} text @param {number} most a span's count: at least 1 */
function spanCount(text, most) {
  const digits = (text ?? "").trim();
  if (!isDigits(digits)) return 1;
  const count = Number(digits.slice(0, 6));
  return count === 0 ? most : Math.min(count, most);
}

/** @param {string} text @param {string[]} above @param {number} at */
function columnKind(text, above, at) {
  const kind = headerKind(text);
  const over = above[at];
  if ((kind === null || kind === "code") && over !== undefined && over !== text) {
    return headerKind(`${over} ${text}`) ?? kind;
  }
  return kind;
}

/** The tables of one page. */
class PageGrids {
  constructor() {
    this.text = "";
    /** @type {Frame[]} */
    this.frames = [];
    /** @type {PageTable[]} */
    this.open = [];
    /** @type {PageTable[]} */
    this.tables = [];
    /** @type {Frame[]} */
    this.like = [];
    /** @type {PageCell[]} */
    this.cells = [];
    /** @type {number[]} */
    this.starts = [];
    /** @type {TextTables | null} */
    this.typed = null;
    this.patience = 0;
  }

  inRow() {
    return this.open.at(-1)?.rowOpen ?? false;
  }

  inRowWithCells() {
    return this.inRow() && (this.open.at(-1)?.rows.at(-1)?.length ?? 0) > 0;
  }

  /** @param {Element} node @param {string} tag @param {string} role @param {number} at */
  enter(node, tag, role, at) {
    /** @type {Frame} */
    const frame = {
      parent: this.frames.at(-1) ?? null,
      start: at,
      end: at,
      plain: !role && !STRUCTURE.has(tag),
      kids: [],
      opened: null,
      cell: null,
    };
    this.frames.push(frame);
    if (role === "table" || (role && !this.open.length)) {
      frame.opened = { rows: [], rowOpen: false };
      this.open.push(frame.opened);
    }
    const table = this.open.at(-1);
    if (!table || !role || role === "table") return;
    if (role === "row" || !table.rowOpen) {
      // Cells without a row around them are one row.
      table.rows.push([]);
      table.rowOpen = true;
    }
    if (role === "row") return;
    frame.cell = this.made(at, at);
    frame.cell.head = role === "head";
    frame.cell.across = spanCount(node.getAttribute("colspan") ?? node.getAttribute("aria-colspan"), MAX_COLUMNS);
    frame.cell.down = spanCount(node.getAttribute("rowspan") ?? node.getAttribute("aria-rowspan"), 10000);
    for (const name of LABEL_ATTRIBUTES) frame.cell.label ||= node.getAttribute(name) ?? "";
    table.rows.at(-1)?.push(frame.cell);
  }

  /** @param {number} start @param {number} end @returns {PageCell} */
  made(start, end) {
    /** @type {PageCell} */
    const cell = {
      start,
      end,
      head: false,
      across: 1,
      down: 1,
      label: "",
      kind: null,
      headed: false,
      row: [],
      column: 0,
      parent: -1,
      groups: () => this.groups(cell),
    };
    return cell;
  }

  /** @param {PageCell} cell @returns {import("./finder-labels.js").Span[]} */
  groups(cell) {
    const columns = [...cell.row.keys()].filter((at) => cell.row[at]?.kind === "group" && cell.row[at] !== cell);
    const left = columns.filter((at) => at < cell.column);
    let beside = cell.row[left.at(-1) ?? columns[0] ?? -1];
    if (!beside) {
      beside = cell.row[cell.column - 1];
      if (!beside || !MAY_HOLD_GROUP.has(beside.kind)) return [];
    }
    return groupsIn(this.text, beside.start, beside.end);
  }

  /** @param {string} role @param {number} at */
  leave(role, at) {
    const frame = this.frames.pop();
    if (!frame) return;
    frame.end = at;
    if (frame.cell) frame.cell.end = at;
    const table = this.open.at(-1);
    if (role === "row" && table) table.rowOpen = false;
    if (frame.opened) {
      this.tables.push(frame.opened);
      this.open.pop();
    }
    if (frame.parent && frame.parent.kids.length <= MAX_LIKE) frame.parent.kids.push([frame.start, at]);
    if (frame.plain && frame.kids.length >= 2 && frame.kids.length <= MAX_LIKE) this.like.push(frame);
  }

  /** The flow is whole: lay the tables out and read their headers.
   * @param {string} text @param {boolean} typed some of it has its own line ends and columns */
  finish(text, typed) {
    this.text = text;
    this.typed = typed ? new TextTables(text) : null;
    for (const table of this.tables) this.layOut(table.rows);
    this.likeRows();
    this.cells.sort((a, b) => a.start - b.start || b.end - a.end);
    this.starts = this.cells.map((cell) => cell.start);
    /** @type {number[]} */
    const open = [];
    for (const [index, cell] of this.cells.entries()) {
      while (open.length && (this.cells[open.at(-1) ?? 0]?.end ?? 0) < cell.end) open.pop();
      cell.parent = open.at(-1) ?? -1;
      open.push(index);
    }
  }

  /** @param {number} at @returns {import("./finder-columns.js").Cell | null} */
  cell(at) {
    let index = this.starts.length && (this.starts[0] ?? 0) <= at ? stretchOf(this.starts, at) : -1;
    for (let depth = 0; depth < MAX_DEPTH && index >= 0; depth += 1) {
      const cell = /** @type {PageCell} */ (this.cells[index]);
      if (at < cell.end) return cell;
      index = cell.parent;
    }
    return this.typed?.cell(at) ?? null;
  }

  /** @param {PageCell} cell */
  words(cell) {
    return this.text.slice(cell.start, cell.end).trim();
  }

  /** @param {PageCell[][]} rows */
  layOut(rows) {
    /** @type {PageCell[][]} */
    const grid = [];
    /** @type {Map<number, { left: number, cell: PageCell }>} */
    const pending = new Map();
    for (const row of rows) {
      /** @type {PageCell[]} */
      const laid = [];
      let next = 0;
      while ((next < row.length || pending.has(laid.length)) && laid.length < MAX_COLUMNS) {
        const held = pending.get(laid.length);
        if (held) {
          pending.delete(laid.length);
          if (held.left > 1) pending.set(laid.length, { left: held.left - 1, cell: held.cell });
          laid.push(held.cell);
          continue;
        }
        const cell = /** @type {PageCell} */ (row[next]);
        next += 1;
        cell.row = laid;
        cell.column = laid.length;
        for (let times = 0; times < cell.across; times += 1) {
          if (cell.down > 1) pending.set(laid.length, { left: cell.down - 1, cell });
          laid.push(cell);
        }
        this.cells.push(cell);
      }
      grid.push(laid);
    }
    this.giveKinds(grid);
  }

  /** Give every cell the kind its column's header says. @param {PageCell[][]} grid */
  giveKinds(grid) {
    /** @type {(import("./finder-columns.js").HeaderKind | null)[]} */
    let kinds = [];
    /** @type {string[]} */
    let above = [];
    for (const row of grid) {
      const distinct = [...new Set(row)];
      if (this.isHeader(distinct)) {
        if (distinct.length === 1 && kinds.length) continue;
        const texts = row.map((cell) => this.words(cell));
        const over = above;
        kinds = texts.map((text, at) => columnKind(text, over, at));
        above = texts;
        continue;
      }
      above = [];
      const headed = kinds.some(Boolean);
      for (const cell of distinct) {
        if (!cell.head || headed) cell.headed = headed;
        cell.kind ??= kinds[cell.column] ?? null;
        if (!cell.kind && cell.label) cell.kind = headerKind(cell.label);
      }
      if (!distinct.some((cell) => cell.kind === "group")) continue;
      for (const cell of distinct) if (cell.kind === "code") cell.kind = "carc";
    }
  }

  /** Whether a row heads columns: header cells only, or words of which some head codes.
   * @param {PageCell[]} cells */
  isHeader(cells) {
    const filled = cells.map((cell) => ({ cell, text: this.words(cell) })).filter(({ text }) => text);
    if (!filled.length || filled.some(({ text }) => FINDER_GROUPS.has(text))) return false;
    if (filled.reduce((sum, { text }) => sum + text.length, 0) > MAX_HEADER * 4) return false;
    if (filled.every(({ cell }) => cell.head)) return true;
    const kinds = filled.map(({ text }) => headerKind(text));
    const told = kinds.filter(Boolean);
    if (filled.length < 2 || !told.length) return false;
    if (told.length < 2 && !told.some((kind) => HEADS_CODES.has(kind))) return false;
    return !filled.some(({ text }, at) => kinds[at] === null && /[0-9]/.test(text));
  }

  /** Rows of blocks, all of as many parts, below one that reads like a header. */
  likeRows() {
    this.like.sort((a, b) => a.start - b.start || b.end - a.end);
    this.patience = PATIENCE + 20 * this.like.length;
    const stems = FINDER_RULES.words.header_stems ?? [];
    /** @type {Map<number, boolean>} */
    const heads = new Map();
    for (const [index, frame] of this.like.entries()) {
      if (frame.end - frame.start > MAX_HEADER) continue;
      const words = this.text.slice(frame.start, frame.end).toLowerCase();
      if (stems.some((stem) => words.includes(stem))) heads.set(index, this.isHeader(this.rowOf(frame)));
    }
    for (const [index, head] of heads) {
      if (!head) continue;
      const rows = this.below(index, heads);
      const top = /** @type {Frame} */ (this.like[index]);
      if (rows.length) this.layOut([top, ...rows].map((frame) => this.rowOf(frame)));
    }
  }

  /** @param {Frame} frame */
  rowOf(frame) {
    return frame.kids.map(([start, end]) => this.made(start, end));
  }

  /** @param {number} index @param {Map<number, boolean>} heads @returns {Frame[]} */
  below(index, heads) {
    const head = /** @type {Frame} */ (this.like[index]);
    let scope = head.parent;
    for (let up = 0; up < REACH_UP && scope; up += 1) {
      /** @type {Frame[]} */
      const rows = [];
      for (let at = index + 1; at < this.like.length; at += 1) {
        const frame = /** @type {Frame} */ (this.like[at]);
        this.patience -= 1;
        if (frame.start >= scope.end || this.patience < 0) break;
        if (frame.start < head.end || frame.kids.length !== head.kids.length) continue;
        if (heads.get(at)) break;
        const last = rows.at(-1);
        if (!last || frame.start >= last.end) rows.push(frame);
      }
      if (rows.length) return rows;
      scope = scope.parent;
    }
    return [];
  }
}

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
    writer.apart ||= writer.edge === "close";
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
