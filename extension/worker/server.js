/**
 * Asking the server: bounded in time and size, JSON only, never redirected, never retried at once.
 *
 * All requests of the extension leave here. What comes back is still foreign: `shapes.js` copies
 * out of it what the extension uses.
 */

import { kept } from "./keep.js";
import { serverAddress } from "./settings.js";

/** @import { Trouble } from "../messages.js" */

/**
 * @typedef {object} Pairing
 * @property {string} token
 * @property {string} practice
 * @property {string} server_version
 * @property {CryptoKey[]} keys HMAC-SHA256, one a practice, not exportable
 *
 * @typedef {object} Request
 * @property {string} [method]
 * @property {unknown} [body]
 * @property {string} [etag]
 * @property {number} [seconds]
 * @property {number} [bytes] most that is read of the answer
 * @property {boolean} [unpaired] ask without a token
 * @property {string} [address]
 *
 * @typedef {{ trouble: Trouble, status: number, value: unknown, etag: string }} Answer
 */

const SECONDS = 6;
const BYTES = 1 << 20;
/** After a failure a hover does not wait again for this long (milliseconds). */
const PAUSE = 15_000;

let silentUntil = 0;
/** @type {Trouble} */
let lastTrouble = "";

/** @returns {Promise<Pairing | null>} */
export async function pairing() {
  return /** @type {Pairing | undefined} */ (await kept("pairing")) ?? null;
}

/** The last failure, while it is fresh. @returns {Trouble} */
export const trouble = () => lastTrouble;

/** Forget that the server failed: the user asks again. */
export function tryAgain() {
  silentUntil = 0;
  lastTrouble = "";
}

/** @param {Response} response @param {number} most */
async function bounded(response, most) {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > most) {
      await reader.cancel();
      throw new RangeError("too large");
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** @param {string} path @param {Request} request @param {string} token @param {AbortSignal} signal */
async function exchange(path, request, token, signal) {
  const address = request.address ?? (await serverAddress());
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (request.body !== undefined) headers["Content-Type"] = "application/json";
  if (request.etag) headers["If-None-Match"] = request.etag;
  const response = await fetch(`${address}/api/v1/${path}`, {
    method: request.method ?? "GET",
    headers,
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    redirect: "error",
    credentials: "omit",
    cache: "no-store",
    referrerPolicy: "no-referrer",
    signal,
  });
  return response;
}

/** @param {Response} response @param {number} most @returns {Promise<Answer>} */
async function read(response, most) {
  const etag = response.headers.get("ETag") ?? "";
  const { status } = response;
  if (status === 304 || status === 204) return { trouble: "", status, value: null, etag };
  const type = response.headers.get("Content-Type") ?? "";
  if (!/^application\/(?:[a-z.+-]+\+)?json\b/i.test(type)) {
    await response.body?.cancel();
    return { trouble: "wrong", status, value: null, etag };
  }
  const value = JSON.parse(await bounded(response, most));
  if (status === 401 || status === 403) return { trouble: "refused", status, value, etag };
  return { trouble: response.ok ? "" : "wrong", status, value, etag };
}

/** @param {unknown} error @param {AbortSignal} signal @returns {Trouble} */
function named(error, signal) {
  if (signal.aborted) return "slow";
  return error instanceof SyntaxError || error instanceof RangeError ? "wrong" : "unreachable";
}

/**
 * Ask the server once. Never throws: what went wrong is named in `trouble`.
 * @param {string} path below /api/v1/
 * @param {Request} [request]
 * @returns {Promise<Answer>}
 */
export async function ask(path, request = {}) {
  const none = { status: 0, value: null, etag: "" };
  const token = request.unpaired ? "" : (await pairing())?.token ?? "";
  if (!request.unpaired && !token) return { trouble: "unpaired", ...none };
  if (Date.now() < silentUntil && !request.unpaired) return { trouble: lastTrouble, ...none };
  const signal = AbortSignal.timeout((request.seconds ?? SECONDS) * 1000);
  /** @type {Answer} */
  let answer;
  try {
    answer = await read(await exchange(path, request, token, signal), request.bytes ?? BYTES);
  } catch (error) {
    answer = { trouble: named(error, signal), ...none };
  }
  if (!request.unpaired) {
    lastTrouble = answer.trouble;
    // An answer with a status came from a living server: only silence is worth a pause.
    silentUntil = answer.trouble && answer.status === 0 ? Date.now() + PAUSE : 0;
  }
  return answer;
}
