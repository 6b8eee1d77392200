/** What every code means: the newest list at hand, from the server, kept, or shipped. */

import { keep, kept } from "./keep.js";
import { ask } from "./server.js";
import { bundleShape } from "./shapes.js";

/** @import { Entry } from "../messages.js" */

/**
 * @typedef {Record<string, unknown>} Fields
 * @typedef {object} Bundle
 * @property {string} version
 * @property {string} reviewed
 * @property {Record<string, Fields>} groups
 * @property {Record<string, Fields>} carc
 * @property {Record<string, Fields>} rarc
 *
 * @typedef {{ bundle: Bundle, etag: string, server: string }} KeptBundle
 */

/** An hour: how long a list is used before its ETag is asked about again (milliseconds). */
const FRESH = 3_600_000;
const MOST_BYTES = 4 << 20;

/** @type {Promise<{ bundle: Bundle, shipped: boolean }> | null} */
let loading = null;
let asked = 0;

/** @returns {Promise<{ bundle: Bundle, shipped: boolean }>} */
async function load() {
  const found = /** @type {KeptBundle | undefined} */ (await kept("bundle").catch(() => undefined));
  if (found) return { bundle: found.bundle, shipped: false };
  const response = await fetch(chrome.runtime.getURL("bundle.json"));
  return { bundle: /** @type {Bundle} */ (await response.json()), shipped: true };
}

/** The list in force; never waits for the server. */
export function bundle() {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** Ask the server for a newer list, where the last question is an hour old or `now`. */
export async function refreshBundle(now = false) {
  if (!now && Date.now() - asked < FRESH) return;
  asked = Date.now();
  const had = /** @type {KeptBundle | undefined} */ (await kept("bundle"));
  const answer = await ask("codes/bundle", {
    ...(had ? { etag: had.etag } : {}),
    bytes: MOST_BYTES,
    seconds: 20,
  });
  if (answer.trouble || answer.status !== 200) return;
  const found = bundleShape(answer.value);
  if (!found) return;
  await keep("bundle", { bundle: found, etag: answer.etag });
  loading = Promise.resolve({ bundle: found, shipped: false });
}

/** Back to the shipped list. */
export function forgetBundle() {
  loading = null;
  asked = 0;
}

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value.slice(0, 1200) : "");

/** @param {unknown} value */
const texts = (value) => (Array.isArray(value) ? value.slice(0, 12).map(text).filter(Boolean) : []);

/** @param {unknown} value @returns {{ code: string, difference: string }[]} */
const alike = (value) =>
  (Array.isArray(value) ? value.slice(0, 12) : [])
    .map((each) => ({ code: text(each?.code), difference: text(each?.difference) }))
    .filter((each) => each.code && each.difference);

/** @param {unknown} value @returns {Entry["bill"]} */
const bill = (value) => (value === "never" || value === "yes" || value === "depends" ? value : "");

/**
 * What the list says of a code: a group, a reason code with or without its group, a remark code.
 * A number no list names is described as unknown, with what its group still tells.
 * @param {string} code
 * @param {Bundle} list
 * @returns {Entry}
 */
export function describe(code, list) {
  const [, groupCode = "", number = ""] =
    /^(?:(CO|PR|OA|PI|CR)(?:-|$))?(.*)$/.exec(code) ?? [];
  const group = Object.hasOwn(list.groups, groupCode) ? list.groups[groupCode] : undefined;
  const kind = !number ? "group" : /^(?:M|N)/.test(number) ? "rarc" : "carc";
  const table = kind === "rarc" ? list.rarc : list.carc;
  const found = kind === "group" ? group : Object.hasOwn(table, number) ? table[number] : undefined;
  const says = /** @type {Record<string, unknown> | undefined} */ (found?.groups);
  const basis = text(found?.appeal_basis);
  return {
    code,
    kind,
    known: found !== undefined,
    title: found ? text(found.title) : chrome.i18n.getMessage("unknown_title"),
    meaning: found
      ? text(found.meaning) || text(found.asks_for)
      : chrome.i18n.getMessage("unknown_meaning"),
    steps: texts(found?.next_steps),
    payer: kind === "carc" ? text(says?.[groupCode]) || text(group?.title) : "",
    bill: bill(group?.bill_patient),
    appeal: basis,
    alike: alike(found?.look_alikes),
    route: kind === "rarc" ? text(found?.route) : "",
    ended: text(found?.ended),
    reviewed: list.reviewed || "",
  };
}

/**
 * @param {string[]} codes
 * @returns {Promise<Record<string, Entry>>}
 */
export async function describeAll(codes) {
  const { bundle: list } = await bundle();
  return Object.fromEntries(codes.map((code) => [code, describe(code, list)]));
}

/**
 * The codes that fit what a person typed: the code itself, then titles and meanings.
 * @param {string} query
 * @returns {Promise<Entry[]>}
 */
export async function search(query) {
  const { bundle: list } = await bundle();
  const wanted = query.trim().toUpperCase().replace(/\s+/g, " ");
  if (!wanted) return [];
  const direct = wanted.replace(/^(CO|PR|OA|PI|CR)[ /*–-]?(?=[A-Z]?\d)/, "$1-");
  const exact = describe(direct, list);
  if (exact.known) return [exact];
  const words = wanted.toLowerCase().split(" ");
  /** @type {{ code: string, score: number }[]} */
  const fits = [];
  for (const [table, kind] of /** @type {const} */ ([
    [list.groups, "group"],
    [list.carc, "carc"],
    [list.rarc, "rarc"],
  ])) {
    for (const [code, entry] of Object.entries(table)) {
      const title = text(entry.title).toLowerCase();
      const rest = `${text(entry.meaning)} ${text(entry.asks_for)} ${texts(entry.keywords).join(" ")}`;
      const body = rest.toLowerCase();
      let score = code.startsWith(wanted) ? 6 : 0;
      for (const word of words) score += title.includes(word) ? 3 : body.includes(word) ? 1 : -1;
      if (score > 0) fits.push({ code, score: score + (kind === "carc" ? 0.5 : 0) });
    }
  }
  return fits
    .sort((one, other) => other.score - one.score)
    .slice(0, 20)
    .map(({ code }) => describe(code, list));
}
