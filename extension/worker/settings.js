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

/** @returns {Promise<Policy>} */
export async function policy() {
  /** @type {Record<string, unknown>} */
  let set = {};
  try {
    set = await chrome.storage.managed.get();
  } catch {
    // Firefox rejects where no policy names the extension.
  }
  const server = typeof set.server === "string" ? serverOrigin(set.server) : null;
  return {
    server: server ?? "",
    portals: Array.isArray(set.portals) ? set.portals.filter((id) => typeof id === "string") : [],
    lookup: typeof set.lookup === "boolean" ? set.lookup : null,
    hand_over: set.hand_over !== false,
    other_sites: set.other_sites !== false,
  };
}

/** The address in force. */
export async function serverAddress() {
  return (await policy()).server || serverOrigin((await settings()).server) || DEFAULT_SERVER;
}
