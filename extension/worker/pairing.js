/** Pairing with the user's own server by a short code, and its undoing. */

import { forgetBundle, refreshBundle } from "./codes.js";
import { keep, kept, wipe } from "./keep.js";
import { forgetLines } from "./lines.js";
import { ask, tryAgain } from "./server.js";
import { changeSettings, policy, serverOrigin } from "./settings.js";
import { pairingShape } from "./shapes.js";
import { refreshPortals } from "./sites.js";

/** Where pairing ended: a message key of `_locales`, empty where it worked. */
/** @typedef {{ paired: boolean, trouble: string }} Outcome */

/** @type {Record<number, string>} */
const REFUSALS = { 404: "pair_wrong", 410: "pair_expired", 422: "pair_wrong", 429: "pair_later" };

/**
 * @param {string} address
 * @param {string} code
 * @returns {Promise<Outcome>}
 */
export async function pair(address, code) {
  const server = (await policy()).server || serverOrigin(address.trim());
  if (!server) return { paired: false, trouble: "pair_address" };
  const answer = await ask("pairing", {
    method: "POST",
    body: { code: code.trim(), name: browserName() },
    unpaired: true,
    address: server,
  });
  if (answer.status === 0) return { paired: false, trouble: `trouble_${answer.trouble}` };
  const refusal = REFUSALS[answer.status];
  if (refusal) return { paired: false, trouble: refusal };
  const got = answer.trouble ? null : pairingShape(answer.value);
  if (!got) return { paired: false, trouble: "trouble_wrong" };
  const usage = { name: "HMAC", hash: "SHA-256" };
  const keys = await Promise.all(
    got.keys.map((key) => crypto.subtle.importKey("raw", key, usage, false, ["sign"])),
  );
  for (const key of got.keys) key.fill(0);
  forgetLines();
  await wipe();
  forgetBundle();
  await keep("pairing", {
    token: got.token,
    practice: got.practice,
    server_version: got.server_version,
    keys,
  });
  await changeSettings(() => ({ server }));
  tryAgain();
  await Promise.all([refreshPortals(true), refreshBundle(true)]);
  return { paired: true, trouble: "" };
}

function browserName() {
  const agent = navigator.userAgent;
  const name = /Firefox\//.test(agent) ? "Firefox" : /Edg\//.test(agent) ? "Edge" : "Chromium";
  return `Remitlens in ${name}`;
}

/** Revoke the token where the server can be reached, and forget everything in any case. */
export async function unpair() {
  if (await kept("pairing")) await ask("pairing", { method: "DELETE", seconds: 3 });
  await wipe();
  forgetLines();
  forgetBundle();
  tryAgain();
  await changeSettings(() => ({ portals: [], lookup: {}, hand_over: {} }));
}
