/**
 * Reading while a person works: the claim page the user looks at goes to the user's own server.
 *
 * Only on portals whose permission lets a person drive, only where the user switched it on for that
 * portal, with a sign on the page while it is on. The page is copied, never touched.
 */

import { ask } from "./server.js";
import { takenShape } from "./shapes.js";

/** @import { Portal } from "../messages.js" */

/** Below the server's own limit. */
const MOST_BYTES = 7 << 20;

/** Hash of the page handed over last, by tab. @type {Map<number, string>} */
const handed = new Map();

/** Sent to each frame of the page: its markup, without scripts and what was typed. */
function markup() {
  const copy = new DOMParser().parseFromString(document.documentElement.outerHTML, "text/html");
  for (const gone of copy.querySelectorAll("script, style, noscript, template")) gone.remove();
  for (const field of copy.querySelectorAll("input, textarea")) {
    field.removeAttribute("value");
    field.textContent = "";
  }
  return { name: window.name, url: location.href, html: copy.documentElement.outerHTML };
}

/** @param {string} text */
async function digest(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16)).join("");
}

/**
 * Hand the page of a tab over, once for each of its contents.
 * @param {number} tab
 * @param {Portal} portal
 * @param {string} url of the top frame
 */
export async function handOver(tab, portal, url) {
  const target = { tabId: tab, allFrames: true };
  const results = await chrome.scripting.executeScript({ target, func: markup });
  /** @type {Record<string, string>} */
  const html = {};
  for (const { frameId, result } of results) {
    if (!result) continue;
    const name = frameId === 0 ? "main" : result.name || new URL(result.url, url).pathname;
    html[Object.hasOwn(html, name) ? `${name}#${frameId}` : name] = result.html;
  }
  const body = JSON.stringify(html);
  if (body.length > MOST_BYTES) return false;
  const hash = await digest(body);
  if (handed.get(tab) === hash) return true;
  const answer = await ask("intake/observation", {
    method: "POST",
    body: { portal: portal.id, url, html, seen_at: new Date().toISOString() },
    seconds: 20,
  });
  // A page the server could not read is not sent again either.
  if (!answer.trouble) handed.set(tab, hash);
  return !answer.trouble && takenShape(answer.value);
}

/** @param {number} tab */
export const forgetHanded = (tab) => handed.delete(tab);
