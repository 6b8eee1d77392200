/** Where the extension works: the granted places, the portals they belong to, the scripts there. */

import { ask, pairing } from "./server.js";
import { changeSettings, policy, serverAddress, settings } from "./settings.js";
import { portalsShape } from "./shapes.js";

/** @import { Portal, Site } from "../messages.js" */

const SCRIPT = "codes";
const FILES = ["elder", "shared", "marks", "walk", "scan", "claim", "pointer", "tip", "sign", "main"];
const SCRIPTS = FILES.map((name) => `content/${name}.js`);
const STYLES = ["content/marks.css"];
const FRESH = 3_600_000;
let asked = 0;

/**
 * A host pattern without its port: browsers grant hosts, not ports.
 * @param {string} pattern as `https://portal.example/*`
 */
export const grantOf = (pattern) => pattern.replace(/^(https?:\/\/[^/:]+)(?::\d+)?\/.*$/i, "$1/*");

/**
 * Whether an address is within a host pattern, its port and path and all.
 * @param {string} address
 * @param {string} pattern
 */
export function within(address, pattern) {
  const [, scheme, host = "", port, path = ""] =
    /^(https?|\*):\/\/(\*|(?:\*\.)?[^/:*]+)(?::(\d+|\*))?(\/.*)$/i.exec(pattern) ?? [];
  let url;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  if (!scheme || (scheme !== "*" && `${scheme}:` !== url.protocol)) return false;
  if (port !== undefined && port !== "*" && port !== url.port) return false;
  if (port === undefined && url.port !== "") return false;
  const [start = "", ...rest] = path.split("*");
  if (!url.pathname.startsWith(start) || (rest.length === 0 && url.pathname !== path)) return false;
  if (host === "*") return true;
  const name = host.toLowerCase();
  return name.startsWith("*.")
    ? url.hostname === name.slice(2) || url.hostname.endsWith(name.slice(1))
    : url.hostname === name;
}

/** @param {string} address @param {Portal[]} portals */
export const portalOf = (address, portals) =>
  portals.find((portal) => portal.hosts.some((host) => within(address, host))) ?? null;

/** The portals the policy offers, of those the server told. */
export async function portals() {
  const [{ portals: told }, { portals: offered }] = await Promise.all([settings(), policy()]);
  return offered.length ? told.filter(({ id }) => offered.includes(id)) : told;
}

/** Ask the server for its portals, where the last question is an hour old or `now`. */
export async function refreshPortals(now = false) {
  if (!now && Date.now() - asked < FRESH) return;
  if (!(await pairing())) return;
  asked = Date.now();
  const answer = await ask("portals");
  const told = answer.trouble ? null : portalsShape(answer.value);
  if (!told) return;
  await changeSettings(() => ({ portals: told }));
  await syncScripts();
}

/** @param {Site} site @param {Portal[]} known @returns {string[]} host patterns with their ports */
function hostsOf(site, known) {
  const portal = known.find(({ id }) => id === site.portal);
  return [`${site.site}/*`, ...(portal?.hosts ?? [])];
}

/**
 * The granted site an address belongs to, with its portal; null where the extension stays off.
 * @param {string} address
 * @returns {Promise<{ site: Site, portal: Portal | null } | null>}
 */
export async function siteOf(address) {
  const [{ sites }, known] = await Promise.all([settings(), portals()]);
  const portal = portalOf(address, known);
  if (portal?.permission === "forbidden") return null;
  const site = sites.find((each) => hostsOf(each, known).some((host) => within(address, host)));
  return site ? { site, portal } : null;
}

/** @param {string} origin */
const isGranted = (origin) => chrome.permissions.contains({ origins: [origin] });

/** @type {Promise<void>} */
let syncing = Promise.resolve();

/** Register the content scripts for exactly the places that are chosen, granted and not forbidden. */
export function syncScripts() {
  syncing = syncing.then(register, register);
  return syncing;
}

async function register() {
  const [{ sites }, known] = await Promise.all([settings(), portals()]);
  const wanted = new Set();
  for (const site of sites) {
    if (portalOf(site.site, known)?.permission === "forbidden") continue;
    for (const host of hostsOf(site, known)) {
      const grant = grantOf(host);
      if (await isGranted(grant)) wanted.add(grant);
    }
  }
  const matches = [...wanted].sort();
  const [had] = await chrome.scripting.getRegisteredContentScripts({ ids: [SCRIPT] });
  if (had && String(had.matches) === String(matches)) return;
  if (had) await chrome.scripting.unregisterContentScripts({ ids: [SCRIPT] });
  if (matches.length === 0) return;
  /** @type {chrome.scripting.RegisteredContentScript} */
  const script = {
    id: SCRIPT,
    matches,
    js: SCRIPTS,
    css: STYLES,
    allFrames: true,
    matchOriginAsFallback: true,
    runAt: "document_start",
  };
  // Firefox draws highlights in shadow trees from user style sheets only; Chromium knows no such
  // key here, and lets them inherit.
  const user = { cssOrigin: "user" };
  try {
    await chrome.scripting.registerContentScripts([{ ...script, ...user }]);
  } catch {
    await chrome.scripting.registerContentScripts([script]);
  }
}

/** Start in a tab that is already open. @param {number} tab */
export async function startIn(tab) {
  const target = { tabId: tab, allFrames: true };
  try {
    await chrome.scripting.insertCSS({ target, files: STYLES, origin: "USER" });
    await chrome.scripting.executeScript({ target, files: SCRIPTS });
  } catch {
    // A tab that may not be scripted, or was closed meanwhile: it starts at its next load.
  }
}

/** @param {string[]} hosts let the extension begin anew in open tabs of these */
async function restartIn(hosts) {
  for (const { id } of await chrome.tabs.query({ url: hosts }).catch(() => [])) {
    if (id === undefined) continue;
    const target = { tabId: id, allFrames: true };
    await chrome.scripting.executeScript({ target, files: SCRIPTS }).catch(() => undefined);
  }
}

/** A switch was turned: open tabs of a portal, or of all places, learn it. @param {string} [portal] */
export async function restart(portal) {
  const [{ sites }, known] = await Promise.all([settings(), portals()]);
  const hosts = sites
    .filter((site) => !portal || site.portal === portal || portalOf(site.site, known)?.id === portal)
    .flatMap((site) => hostsOf(site, known).map(grantOf));
  if (hosts.length) await restartIn([...new Set(hosts)]);
}

/**
 * The user granted a place, in a window of the browser's own.
 * @param {Site & { lookup: boolean }} granted
 */
export async function addSite({ site, portal, lookup }) {
  await changeSettings((now) => ({
    sites: [...now.sites.filter((each) => each.site !== site), { site, portal }],
    ...(portal ? { lookup: { ...now.lookup, [portal]: lookup } } : {}),
  }));
  await syncScripts();
}

/** @param {string} site */
export async function forgetSite(site) {
  const [{ sites }, known, server] = await Promise.all([settings(), portals(), serverAddress()]);
  const gone = sites.find((each) => each.site === site);
  if (!gone) return;
  await changeSettings((now) => ({ sites: now.sites.filter((each) => each.site !== site) }));
  await syncScripts();
  await restartIn([...new Set(hostsOf(gone, known).map(grantOf))]);
  const kept = sites
    .filter((each) => each.site !== site)
    .flatMap((each) => hostsOf(each, known).map(grantOf));
  const free = hostsOf(gone, known)
    .map(grantOf)
    .filter((grant) => !kept.includes(grant) && grant !== grantOf(`${server}/`));
  if (free.length) await chrome.permissions.remove({ origins: [...new Set(free)] }).catch(() => false);
}
