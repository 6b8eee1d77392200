/** What the server knows of a line: claim numbers go out as keyed hashes, a batch at a time. */

import { ask, pairing } from "./server.js";
import { matchesShape } from "./shapes.js";

/** @import { Line, Trouble } from "../messages.js" */

/** How long an answer is shown again without asking (milliseconds). */
const FRESH = 120_000;
/** Questions of one moment travel together (milliseconds). */
const GATHER = 8;
const MOST = 200;

/** @typedef {{ lines: Line[], trouble: Trouble, checked: string }} Known */

/** @type {Map<string, { known: Known, at: number }>} */
const answered = new Map();
/** Who waits for which hash, by portal. @type {Map<string, Map<string, ((known: Known) => void)[]>>} */
const waiting = new Map();

/** Bytes of a keyed hash that are sent: as many as the server's blind index keeps. */
const HASH_BYTES = 16;

/**
 * The form of a claim number that is hashed, letters and digits alone: portals differ in dashes and
 * spaces, and the server's blind index uses the same. @param {string} claim
 */
export const normalized = (claim) => claim.normalize("NFKC").toUpperCase().replace(/[^A-Z0-9]/gu, "");

/** @param {string} claim @param {CryptoKey} key hex of the first bytes of HMAC-SHA-256 */
export async function claimHash(claim, key) {
  const bytes = new TextEncoder().encode(normalized(claim));
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  return [...mac.slice(0, HASH_BYTES)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Forget every answer: the pairing changed. */
export const forgetLines = () => answered.clear();

/** @param {string} portal */
async function askTogether(portal) {
  const batch = waiting.get(portal) ?? new Map();
  waiting.delete(portal);
  const hashes = [...batch.keys()].slice(0, MOST);
  const answer = await ask("lines/match", { method: "POST", body: { portal, hashes }, seconds: 5 });
  const found = answer.trouble ? null : matchesShape(answer.value, hashes);
  const at = Date.now();
  const checked = new Date(at).toISOString();
  for (const [hash, resolves] of batch) {
    /** @type {Known} */
    const told = {
      lines: found?.get(hash) ?? [],
      trouble: answer.trouble || (found ? "" : "wrong"),
      checked,
    };
    if (!told.trouble) {
      if (answered.size > 2000) answered.clear();
      answered.set(hash, { known: told, at });
    }
    for (const resolve of resolves) resolve(told);
  }
}

/** @param {string} hash @param {string} portal @returns {Promise<Known>} */
function known(hash, portal) {
  const had = answered.get(hash);
  if (had && Date.now() - had.at < FRESH) return Promise.resolve(had.known);
  return new Promise((resolve) => {
    const batch = waiting.get(portal) ?? new Map();
    if (batch.size === 0) setTimeout(askTogether, GATHER, portal);
    batch.set(hash, [...(batch.get(hash) ?? []), resolve]);
    waiting.set(portal, batch);
  });
}

/**
 * The lines of one claim, in whichever of the user's practices it is. Never throws.
 * @param {string} claim as the page shows it
 * @param {string} portal
 * @returns {Promise<Known>}
 */
export async function linesOf(claim, portal) {
  const paired = await pairing();
  if (!paired) return { lines: [], trouble: "unpaired", checked: "" };
  if (!normalized(claim)) return { lines: [], trouble: "", checked: "" };
  const hashes = await Promise.all(paired.keys.map((key) => claimHash(claim, key)));
  const answers = await Promise.all(hashes.map((hash) => known(hash, portal)));
  return {
    lines: answers.flatMap(({ lines }) => lines),
    trouble: answers.find(({ trouble }) => trouble)?.trouble ?? "",
    checked: answers[0]?.checked ?? "",
  };
}
