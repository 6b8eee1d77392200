/**
 * Copies what the extension uses out of a server's answer: right types, bounded lengths, or null.
 *
 * Everything is shown as text, never as markup; these checks keep a wrong or hostile server from
 * filling memory or breaking a page.
 */

import { isCode } from "../messages.js";

/** @import { ClaimNumber, Line, Portal } from "../messages.js" */

/** @typedef {Record<string, unknown>} Fields */

/** @param {unknown} value @returns {Fields | null} */
const fields = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? /** @type {Fields} */ (value)
    : null;

/** @param {unknown} value @param {number} [longest] */
const text = (value, longest = 600) => (typeof value === "string" ? value.slice(0, longest) : "");

/** @param {unknown} value @param {number} [most] @returns {unknown[]} */
const list = (value, most = 500) => (Array.isArray(value) ? value.slice(0, most) : []);

/** @param {unknown} value @param {number} [most] */
const texts = (value, most = 40) =>
  list(value, most)
    .map((each) => text(each))
    .filter(Boolean);

/**
 * The code list, or null where it is none: three tables of entries by code.
 * @param {unknown} value
 * @returns {import("./codes.js").Bundle | null}
 */
export function bundleShape(value) {
  const all = fields(value);
  if (!all) return null;
  /** @type {Record<string, Record<string, Fields>>} */
  const parts = {};
  for (const part of ["groups", "carc", "rarc"]) {
    const table = fields(all[part]);
    if (!table) return null;
    parts[part] = {};
    for (const [code, entry] of Object.entries(table)) {
      const found = fields(entry);
      if (isCode(code) && found && typeof found.title === "string") parts[part][code] = found;
    }
    if (Object.keys(parts[part]).length === 0) return null;
  }
  return /** @type {import("./codes.js").Bundle} */ ({
    version: text(all.version, 100),
    reviewed: text(all.reviewed, 10),
    ...parts,
  });
}

/** @param {unknown} value @returns {ClaimNumber | null} */
function claimNumber(value) {
  const rule = fields(value);
  const selector = text(rule?.selector, 300);
  if (!rule || !selector) return null;
  const pattern = typeof rule.pattern === "string" ? rule.pattern.slice(0, 200) : null;
  try {
    if (pattern) new RegExp(pattern, "u");
  } catch {
    return null;
  }
  return {
    selector,
    attribute: typeof rule.attribute === "string" ? rule.attribute.slice(0, 60) : null,
    pattern,
    scope: rule.scope === "page" ? "page" : "row",
  };
}

/** @param {unknown} value */
const rules = (value) =>
  list(value, 20)
    .map(claimNumber)
    .filter((rule) => rule !== null);

/** @param {unknown} value @returns {Portal | null} */
function portal(value) {
  const found = fields(value);
  const id = text(found?.id, 64);
  if (!found || !/^[a-z0-9][a-z0-9_-]*$/.test(id)) return null;
  /** @type {Record<string, string>} */
  const crosswalk = {};
  for (const [own, code] of Object.entries(fields(found.crosswalk) ?? {}).slice(0, 5000)) {
    if (own.length <= 12 && isCode(code)) crosswalk[own] = code;
  }
  return {
    id,
    name: text(found.name, 80) || id,
    base_address: text(found.base_address, 300),
    hosts: texts(found.hosts, 20).filter((host) => /^https?:\/\/[^/]+\//.test(host)),
    permission: text(found.permission, 20),
    permission_reason: text(found.permission_reason, 300),
    claim_number: rules(found.claim_number),
    procedure: rules(found.procedure),
    crosswalk,
  };
}

/** @param {unknown} value @returns {Portal[] | null} */
export function portalsShape(value) {
  const all = fields(value);
  if (!all || !Array.isArray(all.portals)) return null;
  return list(all.portals, 300)
    .map(portal)
    .filter((found) => found !== null);
}

/** @param {unknown} value @returns {Line | null} */
function line(value) {
  const found = fields(value);
  if (!found) return null;
  const missing = fields(found.missing);
  const days = found.days_left;
  return {
    line_id: text(String(found.line_id ?? ""), 60),
    procedure: text(found.procedure, 12),
    modifiers: texts(found.modifiers, 8),
    service_date: text(found.service_date, 10),
    code: isCode(found.code) ? found.code : "",
    remarks: texts(found.remarks, 20).filter(isCode),
    state: /^[a-z_]{1,30}$/.test(text(found.state)) ? text(found.state) : "",
    reason_text: text(found.reason_text),
    route_text: text(found.route_text),
    deadline: /^\d{4}-\d{2}-\d{2}$/.test(text(found.deadline)) ? text(found.deadline) : "",
    days_left: Number.isSafeInteger(days) ? /** @type {number} */ (days) : null,
    rule_text: text(found.rule_text),
    amount: money(found.amount),
    missing: missing ? text(missing.text) || texts(missing.procedures).join(", ") : "",
    found_at: text(found.found_at),
    next_step: text(found.next_step),
    why_now: text(found.why_now),
    as_of: text(found.as_of, 30),
    checked_at: text(found.checked_at, 30),
  };
}

/** @param {unknown} value */
function money(value) {
  const amount = typeof value === "string" || typeof value === "number" ? String(value) : "";
  return /^-?\d{1,12}(?:\.\d{1,2})?$/.test(amount)
    ? `$${amount.replace(/\B(?=(\d{3})+(?!\d))/g, ",")}`
    : "";
}

/**
 * Lines by hash; hashes that were not asked for are dropped.
 * @param {unknown} value
 * @param {string[]} asked
 * @returns {Map<string, Line[]> | null}
 */
export function matchesShape(value, asked) {
  const matches = fields(fields(value)?.matches);
  if (!matches) return null;
  return new Map(
    asked.map((hash) => [
      hash,
      list(matches[hash], 60)
        .map(line)
        .filter((found) => found !== null),
    ]),
  );
}

/** @param {unknown} value @returns {Uint8Array<ArrayBuffer> | null} a match key: base64 of 32 bytes */
function matchKey(value) {
  try {
    const key = Uint8Array.from(atob(text(value, 100)), (letter) => letter.charCodeAt(0));
    return key.length === 32 ? key : null;
  } catch {
    return null;
  }
}

/**
 * A token, and each practice's name and match key.
 * @param {unknown} value
 * @returns {{ token: string, keys: Uint8Array<ArrayBuffer>[], practice: string, server_version: string } | null}
 */
export function pairingShape(value) {
  const found = fields(value);
  const token = text(found?.token, 500);
  if (!found || !/^[\x21-\x7e]{16,}$/.test(token)) return null;
  const practices = list(found.practices, 50)
    .map(fields)
    .filter((each) => each !== null);
  const keys = (practices.length ? practices : [found]).map(({ match_key: key }) => matchKey(key));
  const usable = keys.filter((key) => key !== null);
  if (usable.length === 0 || usable.length < keys.length) return null;
  const names = practices.map(({ name, practice }) => text(name, 80) || text(practice, 80));
  return {
    token,
    keys: usable,
    practice: names.join(", ").slice(0, 160) || text(found.practice, 120),
    server_version: text(found.server_version, 40),
  };
}

/**
 * Counts of the worklist by state: `{state: {count, amount}}`, `{state: count}` or a list of both.
 * @param {unknown} value
 * @returns {{ state: string, lines: number, amount: string }[] | null}
 */
export function countsShape(value) {
  const all = fields(value);
  if (!all) return null;
  const states = all.states ?? all.by_state ?? all;
  const pairs = Array.isArray(states)
    ? states.map((each) => /** @type {[unknown, unknown]} */ ([fields(each)?.state, each]))
    : Object.entries(fields(states) ?? {});
  const counts = [];
  for (const [state, found] of pairs.slice(0, 20)) {
    const named = fields(found);
    const lines = named ? (named.lines ?? named.count) : found;
    if (typeof state === "string" && /^[a-z_]{1,30}$/.test(state) && Number.isSafeInteger(lines)) {
      counts.push({ state, lines: /** @type {number} */ (lines), amount: money(named?.amount) });
    }
  }
  return counts;
}

/** @param {unknown} value */
export const takenShape = (value) => fields(value)?.taken === true;
