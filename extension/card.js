/** The card a tooltip and the popup show: elements made of text only, and their style. */

/** @import { Card, Row, Translate } from "./explain.js" */

export const CARD_STYLE = `
.card {
  --ink: #1b2430; --soft: #55606e; --line: #dfe4ea; --paper: #ffffff; --tint: #f5f7fa;
  --accent: #1d5fb4; --good: #17663a; --good-tint: #e6f4ec; --warn: #8a4b00; --warn-tint: #fff1dc;
  --bad: #a3171f; --bad-tint: #fde8e8;
  color: var(--ink); background: var(--paper); color-scheme: light dark;
  font: 13px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
  letter-spacing: normal; text-align: start; overflow-wrap: anywhere; white-space: normal;
}
@media (prefers-color-scheme: dark) {
  .card {
    --ink: #e8ecf1; --soft: #a9b4c1; --line: #3a4450; --paper: #1c232b; --tint: #252d37;
    --accent: #8bbcf6; --good: #8fdcae; --good-tint: #17392a; --warn: #ffc98a; --warn-tint: #43300f;
    --bad: #ffadad; --bad-tint: #4a1d20;
  }
}
.card * { box-sizing: border-box; }
.head { display: flex; align-items: baseline; gap: 8px; padding: 10px 14px 0; }
.code { font-weight: 700; font-size: 15px; white-space: nowrap; color: var(--accent); }
.chip {
  margin-inline-start: auto; padding: 1px 9px; border-radius: 99px; font-size: 12px; font-weight: 600;
  background: var(--tint); color: var(--ink); border: 1px solid var(--line); white-space: nowrap;
}
.chip.ready { background: var(--good-tint); color: var(--good); border-color: transparent; }
.chip.appeal, .chip.review { background: var(--warn-tint); color: var(--warn); border-color: transparent; }
.title { margin: 1px 14px 8px; font-weight: 600; font-size: 14px; line-height: 1.35; }
.rows { margin: 0; padding: 0 14px 8px; display: grid; grid-template-columns: max-content 1fr; gap: 3px 14px; }
.rows > dt { color: var(--soft); font-size: 12px; line-height: 18px; min-width: 58px; }
.rows > dd { margin: 0; min-width: 0; }
.rows > dd.wide { grid-column: 1 / -1; }
.rows > dd.rule { color: var(--soft); font-size: 12px; }
.card > .rows > dd.missing, .card > .rows > dd.next { font-weight: 600; }
.rows > dt.remark { font-weight: 600; color: var(--accent); font-size: 13px; }
.rows > .first { margin-top: 3px; padding-top: 6px; border-top: 1px solid var(--line); }
.rows > dt.first + dd { margin-top: 3px; padding-top: 6px; border-top: 1px solid var(--line); margin-inline-start: -14px; padding-inline-start: 14px; }
.tone { display: inline-block; border-radius: 5px; padding: 1px 7px; margin-inline-start: -7px; }
.good .tone { background: var(--good-tint); color: var(--good); }
.warn .tone { background: var(--warn-tint); color: var(--warn); }
.bad .tone { background: var(--bad-tint); color: var(--bad); font-weight: 600; }
.notice { color: var(--soft); font-style: italic; }
details { margin: 0; padding: 0 14px 8px; }
summary { cursor: pointer; color: var(--accent); font-size: 12px; width: max-content; border-radius: 4px; }
details .rows { padding: 6px 0 0; }
.foot {
  position: sticky; bottom: 0; display: flex; align-items: center; gap: 10px; padding: 7px 14px 8px; background: var(--tint);
  border-top: 1px solid var(--line); color: var(--soft); font-size: 11.5px; line-height: 1.35;
}
.foot .copy { margin-inline-start: auto; flex: none; }
button {
  font: inherit; font-size: 12px; color: var(--accent); background: var(--paper); cursor: pointer;
  border: 1px solid var(--line); border-radius: 6px; padding: 3px 9px; min-height: 26px;
}
button:hover { border-color: var(--accent); }
button:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
@media (forced-colors: active) {
  .chip, .tone, button { border: 1px solid CanvasText; }
}
`;

/**
 * @param {Document} page
 * @param {string} tag
 * @param {string} className
 * @param {string} [text]
 */
function made(page, tag, className, text) {
  const element = page.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Parts that open a group of rows of their own. */
const OPENS = new Set(["missing", "remark", "state"]);

/** @param {Document} page @param {Row[]} rows */
function list(page, rows) {
  const element = made(page, "dl", "rows");
  let before = "";
  for (const row of rows) {
    const first = before && OPENS.has(row.part) && before !== row.part ? " first" : "";
    const repeated = before === row.part && row.part === "next";
    before = row.part;
    const value = made(page, "dd", `${row.part} ${row.tone ?? ""}`);
    if (row.tone && row.tone !== "calm") value.append(made(page, "span", "tone", row.text));
    else value.textContent = row.text;
    if (row.label) element.append(made(page, "dt", `${row.part}${first}`, repeated ? " " : row.label));
    else value.className += ` wide${first}`;
    element.append(value);
  }
  return element;
}

/**
 * @param {Document} page
 * @param {Card} card
 * @param {Translate} t
 * @param {(button: HTMLElement) => void} onCopy
 * @returns {HTMLElement}
 */
export function drawn(page, card, t, onCopy) {
  const element = made(page, "div", "card");
  const head = made(page, "div", "head");
  head.append(made(page, "span", "code", card.code));
  if (card.stateText) head.append(made(page, "span", `chip ${card.state}`, card.stateText));
  element.append(head, made(page, "div", "title", card.title));
  if (card.rows.length) element.append(list(page, card.rows));
  if (card.more.length) {
    const more = page.createElement("details");
    more.append(made(page, "summary", "", t("more")), list(page, card.more));
    element.append(more);
  }
  const foot = made(page, "div", "foot");
  const copy = made(page, "button", "copy", t("copy"));
  copy.setAttribute("type", "button");
  copy.addEventListener("click", () => onCopy(copy));
  foot.append(made(page, "span", "source", card.source), copy);
  element.append(foot);
  return element;
}
