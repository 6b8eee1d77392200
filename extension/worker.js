/**
 * The extension's worker: it answers pages and popup, and is the only part that speaks to the server.
 *
 * The browser stops it when idle, so nothing here is remembered that is not kept in storage.
 */

import { received } from "./messages.js";
import { bundle, describeAll, refreshBundle, search } from "./worker/codes.js";
import { forgetHanded, handOver } from "./worker/hand_over.js";
import { linesOf } from "./worker/lines.js";
import { pair, unpair } from "./worker/pairing.js";
import { ask, pairing, trouble, tryAgain } from "./worker/server.js";
import {
  changeSettings,
  closeStorage,
  followPolicy,
  policy,
  serverAddress,
  settings,
} from "./worker/settings.js";
import { countsShape } from "./worker/shapes.js";
import {
  addSite,
  forgetSite,
  grantOf,
  portalOf,
  portals,
  refreshPortals,
  restart,
  siteOf,
  startIn,
  syncScripts,
} from "./worker/sites.js";
import { codesOf, dismiss, forgetTab, showCode, walk } from "./worker/tabs.js";

/** @import { AnyMessage, Replies, Status } from "./messages.js" */

/** How long a grant may take the user (milliseconds). */
const PLANNED = 120_000;

/**
 * The address a message's page stands at: a frame without an address of its own has its parent's.
 * @param {chrome.runtime.MessageSender} sender
 */
function addressOf(sender) {
  const places = [sender.url, sender.origin && `${sender.origin}/`, sender.tab?.url];
  return places.find((place) => place && /^https?:/.test(place)) ?? "";
}

/** @param {string} portal @param {"lookup" | "hand_over"} what */
async function allowed(portal, what) {
  const [chosen, set] = await Promise.all([settings(), policy()]);
  if (what === "hand_over") return set.hand_over && chosen.hand_over[portal] === true;
  return set.lookup ?? chosen.lookup[portal] === true;
}

/** @param {chrome.runtime.MessageSender} sender @returns {Promise<Replies["hello"]>} */
async function hello(sender) {
  const off = {
    portal: "",
    claim_number: [],
    procedure: [],
    crosswalk: {},
    lookup: false,
    hand_over: false,
  };
  const place = await siteOf(addressOf(sender));
  void refreshPortals();
  void refreshBundle();
  if (!place) return { on: false, ...off };
  const { portal } = place;
  if (!portal) return { on: true, ...off };
  const paired = (await pairing()) !== null;
  const driven = portal.permission === "person_drives" || portal.permission === "automated";
  return {
    on: true,
    portal: portal.name,
    claim_number: portal.claim_number,
    // Told by servers of today; what an older one told is kept without it.
    procedure: portal.procedure ?? [],
    crosswalk: portal.crosswalk,
    lookup: paired && (await allowed(portal.id, "lookup")),
    hand_over: paired && driven && (await allowed(portal.id, "hand_over")),
  };
}

/** @param {chrome.runtime.MessageSender} sender @param {string} claim @returns {Promise<Replies["line"]>} */
async function line(sender, claim) {
  const portal = (await siteOf(addressOf(sender)))?.portal;
  if (!portal || !(await allowed(portal.id, "lookup"))) return { lines: [], trouble: "", checked: "" };
  return linesOf(claim, portal.id);
}

/** @param {chrome.runtime.MessageSender} sender @returns {Promise<Replies["rested"]>} */
async function rested(sender) {
  const { tab } = sender;
  const portal = (await siteOf(addressOf(sender)))?.portal;
  if (!tab?.id || !portal || !(await hello(sender)).hand_over) return { taken: false };
  return { taken: await handOver(tab.id, portal, tab.url ?? sender.url ?? "").catch(() => false) };
}

/** @param {boolean} fresh @returns {Promise<Status>} */
async function status(fresh) {
  if (fresh) tryAgain();
  const paired = await pairing();
  if (paired && fresh) await Promise.all([refreshBundle(true), refreshPortals(true)]);
  const counts = paired ? await ask("lines/summary", { seconds: 4 }) : null;
  const [chosen, set, server, list, offered] = await Promise.all([
    settings(),
    policy(),
    serverAddress(),
    bundle(),
    portals(),
  ]);
  return {
    server,
    managed: set.server !== "",
    paired: paired !== null,
    practice: paired?.practice ?? "",
    server_version: paired?.server_version ?? "",
    trouble: paired ? trouble() : "",
    list: { reviewed: list.bundle.reviewed, shipped: list.shipped },
    counts: (counts && !counts.trouble && countsShape(counts.value)) || [],
    portals: offered,
    sites: chosen.sites,
    lookup: chosen.lookup,
    hand_over: chosen.hand_over,
    policy: { lookup: set.lookup, hand_over: set.hand_over, other_sites: set.other_sites },
  };
}

/** @param {number} tab @returns {Promise<Replies["page"]>} */
async function page(tab) {
  const nothing = { site: "", portal: null, granted: false, codes: [] };
  const { url = "" } = await chrome.tabs.get(tab).catch(() => ({ url: "" }));
  if (!/^https?:/.test(url)) return nothing;
  const { origin } = new URL(url);
  const place = await siteOf(url);
  const granted =
    place !== null && (await chrome.permissions.contains({ origins: [grantOf(`${origin}/`)] }));
  return {
    site: origin,
    portal: portalOf(url, await portals()),
    granted,
    codes: granted ? await codesOf(tab) : [],
  };
}

/** @param {{ site: string, portal: string, lookup: boolean, tab: number }} place */
async function turnOn(place) {
  await chrome.storage.session.remove("planned");
  await addSite(place);
  await startIn(place.tab);
}

/** The browser's question may have closed the popup: what was planned there is done here. */
async function onGranted() {
  const { planned } = await chrome.storage.session.get("planned");
  const plan = /** @type {(Parameters<typeof turnOn>[0] & { at: number }) | undefined} */ (planned);
  if (!plan || Date.now() - plan.at > PLANNED) return syncScripts();
  const given = await chrome.permissions.contains({ origins: [grantOf(`${plan.site}/`)] });
  return given ? turnOn(plan) : syncScripts();
}

/** @param {AnyMessage} message @param {chrome.runtime.MessageSender} sender @returns {Promise<unknown>} */
async function answer(message, sender) {
  switch (message.type) {
    case "hello":
      return hello(sender);
    case "explain":
      return { entries: await describeAll(message.codes) };
    case "line":
      return line(sender, message.claim);
    case "rested":
      return rested(sender);
    case "escape":
      if (sender.tab?.id !== undefined) await dismiss(sender.tab.id);
      return { done: true };
    case "status":
      return status(false);
    case "refresh":
      return status(true);
    case "page":
      return page(message.tab);
    case "search":
      return { entries: await search(message.query) };
    case "show":
      return { shown: await showCode(message.tab, message.frame, message.index) };
    case "pair":
      return pair(message.address, message.code);
    case "unpair":
      await unpair();
      await restart();
      return { done: true };
    case "planned":
      await chrome.storage.session.set({ planned: { ...message, at: Date.now() } });
      return { done: true };
    case "granted":
      await turnOn(message);
      return { done: true };
    case "forget":
      await forgetSite(message.site);
      return { done: true };
    case "allow":
      await changeSettings((now) => ({
        [message.what]: { ...now[message.what], [message.portal]: message.on },
      }));
      await restart(message.portal);
      return { done: true };
  }
}

/** @param {chrome.runtime.MessageSender} sender */
const isOwn = (sender) => sender.url?.startsWith(chrome.runtime.getURL("")) ?? false;

chrome.runtime.onMessage.addListener((raw, sender, reply) => {
  if (sender.id !== chrome.runtime.id) return false;
  const message = received(raw, isOwn(sender) ? "own" : "page");
  if (!message) return false;
  answer(message, sender).then(reply, () => reply(null));
  return true;
});

chrome.commands.onCommand.addListener((command, tab) => {
  if (tab?.id === undefined) return;
  void walk(tab.id, command === "previous-code" ? -1 : 1);
});

// After an update open pages go on with the new scripts.
chrome.runtime.onInstalled.addListener(() => void syncScripts().then(() => restart()));
chrome.runtime.onStartup.addListener(() => void syncScripts());
chrome.permissions.onAdded.addListener(() => void onGranted());
chrome.permissions.onRemoved.addListener(() => void syncScripts());
chrome.tabs.onRemoved.addListener((tab) => {
  forgetTab(tab);
  forgetHanded(tab);
});
followPolicy();
void closeStorage();
