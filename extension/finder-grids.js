/**
 * Tables of a page: rows, spans and headers, from table markup, ARIA roles, or like rows of
 * blocks. Built while the page is walked; read only once the whole flow is there.
 */

import { MAY_HOLD_GROUP, TextTables, groupsIn } from "./finder-columns.js";
import { stretchOf } from "./finder-flow.js";
import { FINDER_GROUPS, headerKind, isDigits } from "./finder-labels.js";
import { FINDER_RULES } from "./finder-rules.js";

/**
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
export class PageGrids {
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
    this.typed = typed || text.includes("|") ? new TextTables(text) : null;
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

  /** @param {number} at @returns {boolean} whether it stands in a row of headers */
  heads(at) {
    const cell = this.pageCell(at);
    return cell ? this.isHeader([...new Set(cell.row)]) : (this.typed?.heads(at) ?? false);
  }

  /** @param {number} at @returns {import("./finder-columns.js").Cell | null} */
  cell(at) {
    return this.pageCell(at) ?? this.typed?.cell(at) ?? null;
  }

  /** @param {number} at @returns {PageCell | null} */
  pageCell(at) {
    let index = this.starts.length && (this.starts[0] ?? 0) <= at ? stretchOf(this.starts, at) : -1;
    for (let depth = 0; depth < MAX_DEPTH && index >= 0; depth += 1) {
      const cell = /** @type {PageCell} */ (this.cells[index]);
      if (at < cell.end) return cell;
      index = cell.parent;
    }
    return null;
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
