/** What the user chose and what the organisation's policy sets; nothing secret. */

/** @import { Portal, Site } from "../messages.js" */

/**
 * @typedef {object} Settings
 * @property {string} server
 * @property {Site[]} sites
 * @property {Record<string, boolean>} lookup by portal
 * @property {Record<string, boolean>} hand_over by portal
 * @property {Portal[]} portals as the server told them last
 *
 * @typedef {object} Policy
 * @property {string} server
 * @property {string[]} portals
 * @property {boolean | null} lookup
 * @property {boolean} hand_over
 * @property {boolean} other_sites
 */

export const DEFAULT_SERVER = "http://127.0.0.1:8737";

/** @type {Settings} */
const NONE = { server: DEFAULT_SERVER, sites: [], lookup: {}, hand_over: {}, portals: [] };

/**
 * The origin of a server address the extension may speak to, or null: https, or this computer.
 * @param {string} address
 */
export function serverOrigin(address) {
  let url;
  try {
    url = new URL(address.includes("://") ? address : `https://${address}`);
  } catch {
    return null;
  }
  const here = url.hostname === "127.0.0.1" || url.hostname === "localhost";
  if (url.protocol !== "https:" && !(url.protocol === "http:" && here)) return null;
  if (url.username || url.password || url.search || url.hash) return null;
  return url.pathname === "/" ? url.origin : null;
}

/** @returns {Promise<Settings>} */
export async function settings() {
  const { settings: saved } = await chrome.storage.local.get("settings");
  return { ...NONE, .../** @type {Partial<Settings> | undefined} */ (saved) };
}

/** @type {Promise<unknown>} */
let writing = Promise.resolve();

/**
 * Change the settings, one change after the other.
 * @param {(now: Settings) => Partial<Settings>} change
 */
export function changeSettings(change) {
  const next = writing.then(async () => {
    const now = await settings();
    await chrome.storage.local.set({ settings: { ...now, ...change(now) } });
  });
  writing = next.catch(() => undefined);
  return next;
}

/** Content scripts have no use for the settings; not every browser can shut them out. */
export async function closeStorage() {
  await chrome.storage.local
    .setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" })
    .catch(() => undefined);
}

/** @param {Record<string, unknown>} set @returns {Policy} */
function policyOf(set) {
  const server = typeof set.server === "string" ? serverOrigin(set.server) : null;
  return {
    server: server ?? "",
    portals: Array.isArray(set.portals) ? set.portals.filter((id) => typeof id === "string") : [],
    lookup: typeof set.lookup === "boolean" ? set.lookup : null,
    hand_over: set.hand_over !== false,
    other_sites: set.other_sites !== false,
  };
}

const FIRST_WAIT = 400;

/** @type {Promise<Policy> | null} */
let reading = null;
let read = false;

async function readPolicy() {
  // Firefox rejects where no policy names the extension.
  const set = await chrome.storage.managed.get().catch(() => ({}));
  const found = policyOf(set);
  await chrome.storage.local.set({ policy: found });
  return found;
}

/**
 * What the organisation set. Browsers take seconds to tell it after their start: until then, what
 * they told last time holds.
 * @returns {Promise<Policy>}
 */
export async function policy() {
  if (!reading) {
    reading = readPolicy();
    reading.then(() => (read = true)).catch(() => (reading = null));
  }
  if (read) return reading;
  const { policy: last } = await chrome.storage.local.get("policy");
  if (last) return /** @type {Policy} */ (last);
  // Just installed: nothing is granted or paired yet, so nobody need wait for long.
  return Promise.race([reading, later(FIRST_WAIT).then(() => policyOf({}))]);
}

/** @param {number} milliseconds @returns {Promise<void>} */
const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Notice when the organisation sets something else. */
export function followPolicy() {
  chrome.storage.onChanged.addListener((_, area) => {
    if (area !== "managed") return;
    reading = null;
    read = false;
  });
}

/** The address in force. */
export async function serverAddress() {
  return (await policy()).server || serverOrigin((await settings()).server) || DEFAULT_SERVER;
}
