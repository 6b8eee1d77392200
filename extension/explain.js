/**
 * What a tooltip says, and in which order: pure, so that page, popup and tests share it.
 *
 * Short first: the code and one line; who pays; what this line lacks and where it was found; the
 * next step and why; the last day; remark codes of the line; its state; source and date.
 */

/** @import { Entry, Line, Trouble } from "./messages.js" */

/**
 * @typedef {(key: string, ...parts: string[]) => string} Translate
 * @typedef {"pays" | "missing" | "found" | "next" | "why" | "deadline" | "rule" | "remark" | "state"
 *   | "route" | "meaning" | "ended" | "notice"} Part
 * @typedef {{ part: Part, label: string, text: string, tone?: "good" | "warn" | "bad" | "calm" }} Row
 * @typedef {object} Card
 * @property {string} code
 * @property {string} title
 * @property {boolean} known
 * @property {string} state state of the line, or empty
 * @property {string} stateText
 * @property {Row[]} rows in reading order
 * @property {Row[]} more what is folded away
 * @property {string} source
 * @property {string} note for the clipboard
 * @property {string} spoken for screen readers
 */

/**
 * @typedef {object} Known What is known when a card is made.
 * @property {Entry} entry
 * @property {Entry[]} remarks remark codes on the same line
 * @property {Line | null} line
 * @property {Trouble} trouble
 * @property {string} checked time of the server's answer, or empty
 */

/** Days left from which on a last day is urgent, and close. */
const URGENT = 3;
const CLOSE = 14;

/** @param {string} iso @param {string} language */
export function day(iso, language) {
  const at = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return iso;
  return new Intl.DateTimeFormat(language || "en", {
    year: "numeric",
    month: "short",
    day: "numeric",
    timeZone: "UTC",
  }).format(at);
}

/** @param {number} left @param {Translate} t */
function daysLeft(left, t) {
  if (left < 0) return t("days_past", String(-left));
  if (left === 0) return t("days_today");
  return left === 1 ? t("days_one") : t("days_left", String(left));
}

/** @param {number | null} left @returns {Row["tone"]} */
function urgency(left) {
  if (left === null) return "calm";
  if (left <= URGENT) return "bad";
  return left <= CLOSE ? "warn" : "calm";
}

/** The server's words as a line of their own begins. @param {string} text */
const sentence = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** @param {Line} line @param {Translate} t @param {string} language @returns {Row[]} */
function lineRows(line, t, language) {
  /** @type {Row[]} */
  const rows = [];
  if (line.missing) rows.push({ part: "missing", label: t("label_missing"), text: line.missing });
  if (line.found_at) rows.push({ part: "found", label: t("label_found"), text: sentence(line.found_at) });
  if (line.next_step) rows.push({ part: "next", label: t("label_next"), text: line.next_step });
  if (line.why_now) rows.push({ part: "why", label: t("label_why"), text: sentence(line.why_now) });
  if (line.deadline) {
    const left = line.days_left === null ? "" : ` · ${daysLeft(line.days_left, t)}`;
    rows.push({
      part: "deadline",
      label: t("label_deadline"),
      text: `${day(line.deadline, language)}${left}`,
      tone: urgency(line.days_left),
    });
    // The server's words begin with the day that was just said.
    const rule = line.rule_text.replace(/^last day \d{4}-\d{2}-\d{2}: */i, "");
    if (rule) rows.push({ part: "rule", label: t("label_rule"), text: sentence(rule.replaceAll("_", " ")) });
  }
  return rows;
}

/** @param {Entry} entry @param {Translate} t @returns {Row[]} */
function codeRows(entry, t) {
  /** @type {Row[]} */
  const rows = [];
  if (entry.steps[0]) rows.push({ part: "next", label: t("label_next"), text: entry.steps[0] });
  if (entry.meaning) rows.push({ part: "why", label: t("label_why"), text: entry.meaning });
  return rows;
}

/** @param {Entry} entry @param {boolean} hasLine @param {Translate} t @returns {Row[]} */
function folded(entry, hasLine, t) {
  /** @type {Row[]} */
  const more = [];
  if (hasLine && entry.meaning) {
    more.push({ part: "meaning", label: t("label_meaning"), text: entry.meaning });
  }
  for (const step of entry.steps.slice(hasLine ? 0 : 1)) {
    more.push({ part: "next", label: t("label_then"), text: step });
  }
  if (entry.appeal) more.push({ part: "route", label: t("label_appeal"), text: entry.appeal });
  for (const { code, difference } of entry.alike) {
    const said = difference.startsWith(`${code}:`) ? difference.slice(code.length + 1).trim() : difference;
    more.push({ part: "meaning", label: t("label_alike", code), text: said });
  }
  return more;
}

/**
 * What a biller pastes into the account's notes: which line, then the card's words.
 * @param {Card} card @param {Line | null} line @param {string} language
 */
function noteOf(card, line, language) {
  const which = line ? [line.procedure, line.service_date && day(line.service_date, language)] : [];
  const lines = [`${[card.code, ...which].filter(Boolean).join(", ")}: ${card.title}`];
  for (const { label, text } of card.rows) lines.push(label ? `${label}: ${text}` : text);
  return [...lines, card.source].join("\n");
}

/**
 * @param {Known} known
 * @param {Translate} t
 * @param {string} language BCP 47
 * @returns {Card}
 */
export function explain({ entry, remarks, line, trouble, checked }, t, language) {
  /** @type {Row[]} */
  const rows = [];
  if (entry.payer) {
    const tone = entry.bill === "never" ? "good" : entry.bill === "yes" ? "warn" : "calm";
    rows.push({ part: "pays", label: t("label_pays"), text: entry.payer, tone });
  }
  if (entry.ended) {
    rows.push({ part: "ended", label: "", text: t("ended", day(entry.ended, language)), tone: "warn" });
  }
  rows.push(...(line ? lineRows(line, t, language) : codeRows(entry, t)));
  if (entry.route) rows.push({ part: "route", label: t("label_route"), text: entry.route });
  for (const remark of remarks) {
    rows.push({ part: "remark", label: remark.code, text: remark.title });
  }
  let stateText = "";
  if (line) {
    const name = t(`state_${line.state}`) || line.state;
    stateText = name;
    // Of a line that is ready, why it stands so is said above already.
    const reason = line.state === "ready" && line.why_now ? "" : line.reason_text;
    const words = [reason, line.route_text, line.amount].filter(Boolean);
    const said = words.map((each) => each.replace(/\.$/, "")).join(" · ");
    rows.push({ part: "state", label: t("label_state"), text: said ? `${name}: ${said}` : name });
  }
  if (trouble) rows.push({ part: "notice", label: "", text: t(`trouble_${trouble}`), tone: "calm" });
  const reviewed = entry.reviewed ? day(entry.reviewed, language) : "";
  const sources = [reviewed ? t("source_list", reviewed) : t("source_list_undated")];
  if (line) {
    const at = line.checked_at || line.as_of || checked;
    const asked = at ? day(at, language) : "";
    if (asked && asked === reviewed) sources[0] = t("source_both", asked);
    else sources.unshift(asked ? t("source_server", asked) : t("source_server_undated"));
  }
  /** @type {Card} */
  const card = {
    code: entry.code,
    title: entry.title,
    known: entry.known,
    state: line ? line.state : "",
    stateText,
    rows,
    more: folded(entry, line !== null, t),
    source: sources.join(" · "),
    note: "",
    spoken: "",
  };
  card.note = noteOf(card, line, language);
  card.spoken = [`${entry.code}. ${entry.title}.`, ...rows.map((row) => `${row.label} ${row.text}.`)]
    .join(" ")
    .replaceAll("..", ".");
  return card;
}
