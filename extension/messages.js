/**
 * Every message between page, worker and popup: one table, checked at run time.
 *
 * `page` messages come from content scripts, which live beside pages we do not trust; `own` ones
 * from the extension's own pages. A message that is not in the table, carries a field too many or a
 * value out of its form is not answered. What a page may say about codes is a code of the closed
 * list and nothing else; the claim number of `line` ends in the worker, which sends its keyed hash.
 */

/**
 * @template T
 * @typedef {(value: unknown) => value is T} Check
 */

const CODE = /^(?:(?:CO|PR|OA|PI|CR)(?:-(?:[ABDPWY]?[0-9]{1,3}))?|[ABDPWY]?[0-9]{1,3}|(?:MA|M|N)[0-9]{1,4})$/;
const SITE = /^https?:\/\/[a-z0-9.[\]:-]{1,253}$/i;
const PORTAL = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/**
 * A group, a reason code with or without its group, or a remark code.
 * @param {unknown} value
 * @returns {value is string}
 */
export const isCode = (value) => typeof value === "string" && CODE.test(value);

/** @param {unknown} value @returns {value is number} */
const isCount = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** @param {unknown} value @returns {value is boolean} */
const isBoolean = (value) => typeof value === "boolean";

/** @param {number} longest @returns {Check<string>} */
const text = (longest) => /** @type {Check<string>} */ (
  (value) => typeof value === "string" && value.length <= longest
);

/** @param {RegExp} form @returns {Check<string>} */
const like = (form) => /** @type {Check<string>} */ (
  (value) => typeof value === "string" && form.test(value)
);

/** @template {string} T @param {...T} words @returns {Check<T>} */
const oneOf = (...words) => /** @type {Check<T>} */ (
  (value) => words.includes(/** @type {T} */ (value))
);

/** @template T @param {Check<T>} each @param {number} most @returns {Check<T[]>} */
const listOf = (each, most) => /** @type {Check<T[]>} */ (
  (value) => Array.isArray(value) && value.length <= most && value.every(each)
);

const PLACE = { site: like(SITE), portal: text(64), lookup: isBoolean, tab: isCount };

export const MESSAGES = {
  /** A frame asks whether it is on a portal, and what that portal is. */
  hello: { from: "page", fields: {} },
  /** What these codes mean. */
  explain: { from: "page", fields: { codes: listOf(isCode, 200) } },
  /** What the server knows of the lines of this claim. */
  line: { from: "page", fields: { claim: text(64) } },
  /** The page shows a claim and has come to rest; sent only where hand-over is on. */
  rested: { from: "page", fields: {} },
  /** Escape was pressed in a frame that shows no tooltip: another frame may show one. */
  escape: { from: "page", fields: {} },

  status: { from: "own", fields: {} },
  page: { from: "own", fields: { tab: isCount } },
  search: { from: "own", fields: { query: text(80) } },
  show: { from: "own", fields: { tab: isCount, frame: isCount, index: isCount } },
  pair: { from: "own", fields: { address: text(300), code: text(40) } },
  unpair: { from: "own", fields: {} },
  refresh: { from: "own", fields: {} },
  /** The user is being asked by the browser; `granted` follows where the popup outlives it. */
  planned: { from: "own", fields: PLACE },
  granted: { from: "own", fields: PLACE },
  forget: { from: "own", fields: { site: like(SITE) } },
  allow: {
    from: "own",
    fields: { portal: like(PORTAL), what: oneOf("lookup", "hand_over"), on: isBoolean },
  },
};

/** @typedef {typeof MESSAGES} Table */
/** @typedef {keyof Table} Kind */
/** @template C @typedef {C extends Check<infer T> ? T : never} Checked */
/**
 * @template {Kind} K
 * @typedef {{ type: K } & { [F in keyof Table[K]["fields"]]: Checked<Table[K]["fields"][F]> }} Message
 */
/** @typedef {{ [K in Kind]: Message<K> }[Kind]} AnyMessage */

/**
 * The message, where it is one of the table's, whole and from where it may come; else null.
 * @param {unknown} raw
 * @param {"page" | "own"} from
 * @returns {AnyMessage | null}
 */
export function received(raw, from) {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return null;
  const message = /** @type {Record<string, unknown>} */ (raw);
  const type = message.type;
  if (typeof type !== "string" || !Object.hasOwn(MESSAGES, type)) return null;
  const { from: wanted, fields } = MESSAGES[/** @type {Kind} */ (type)];
  if (wanted !== from) return null;
  const checks = /** @type {Record<string, Check<unknown>>} */ (fields);
  const names = Object.keys(message).filter((name) => name !== "type");
  if (names.length !== Object.keys(checks).length) return null;
  if (!names.every((name) => Object.hasOwn(checks, name) && checks[name]?.(message[name]))) return null;
  return /** @type {AnyMessage} */ (raw);
}

/**
 * @typedef {object} Entry What one code means, as the tooltip shows it.
 * @property {string} code canonical: `CO-107`, `107`, `N122`, `CO`
 * @property {"carc" | "rarc" | "group"} kind
 * @property {boolean} known false: no list names it
 * @property {string} title
 * @property {string} meaning
 * @property {string[]} steps in order
 * @property {string} payer who bears the money; empty where no group is named
 * @property {"never" | "yes" | "depends" | ""} bill
 * @property {string} appeal
 * @property {{ code: string, difference: string }[]} alike
 * @property {string} route what a remark code changes in the route of a CO-107
 * @property {string} ended ISO date, or empty
 * @property {string} reviewed ISO date of the list
 */

/**
 * @typedef {object} Line What the server knows of one service line.
 * @property {string} line_id
 * @property {string} procedure
 * @property {string[]} modifiers
 * @property {string} service_date
 * @property {string} code
 * @property {string[]} remarks
 * @property {string} state
 * @property {string} reason_text
 * @property {string} route_text
 * @property {string} deadline ISO date, or empty
 * @property {number | null} days_left
 * @property {string} rule_text
 * @property {string} amount
 * @property {string} missing
 * @property {string} found_at
 * @property {string} next_step
 * @property {string} why_now
 * @property {string} as_of
 * @property {string} checked_at
 */

/**
 * @typedef {object} ClaimNumber Where a portal's page shows the claim number, or a line's procedure.
 * @property {string} selector
 * @property {string | null} attribute
 * @property {string | null} pattern
 * @property {"row" | "page"} scope
 */

/**
 * @typedef {object} Portal
 * @property {string} id
 * @property {string} name
 * @property {string} base_address
 * @property {string[]} hosts
 * @property {string} permission
 * @property {string} permission_reason
 * @property {ClaimNumber[]} claim_number
 * @property {ClaimNumber[]} procedure where a line's procedure stands
 * @property {Record<string, string>} crosswalk
 */

/** @typedef {"" | "unpaired" | "unreachable" | "slow" | "wrong" | "refused"} Trouble */

/**
 * @typedef {object} Site A place the user granted.
 * @property {string} site origin, as `https://portal.example`
 * @property {string} portal id of the server's portal, or empty
 */

/**
 * @typedef {object} Replies
 * @property {{ on: boolean, portal: string, claim_number: ClaimNumber[], procedure: ClaimNumber[], crosswalk: Record<string, string>, lookup: boolean, hand_over: boolean }} hello
 * @property {{ entries: Record<string, Entry> }} explain
 * @property {{ lines: Line[], trouble: Trouble, checked: string }} line
 * @property {{ taken: boolean }} rested
 * @property {{ done: boolean }} escape
 * @property {Status} status
 * @property {PageState} page
 * @property {{ entries: Entry[] }} search
 * @property {{ shown: boolean }} show
 * @property {{ paired: boolean, trouble: string }} pair
 * @property {{ done: boolean }} unpair
 * @property {Status} refresh
 * @property {{ done: boolean }} planned
 * @property {{ done: boolean }} granted
 * @property {{ done: boolean }} forget
 * @property {{ done: boolean }} allow
 */

/**
 * @typedef {object} Status
 * @property {string} server
 * @property {boolean} managed true where a policy sets the server
 * @property {boolean} paired
 * @property {string} practice
 * @property {string} server_version
 * @property {Trouble} trouble
 * @property {{ reviewed: string, shipped: boolean }} list
 * @property {{ state: string, lines: number, amount: string }[]} counts
 * @property {Portal[]} portals
 * @property {Site[]} sites
 * @property {Record<string, boolean>} lookup
 * @property {Record<string, boolean>} hand_over
 * @property {{ lookup: boolean | null, hand_over: boolean, other_sites: boolean }} policy
 */

/**
 * @typedef {object} PageState
 * @property {string} site origin of the tab, or empty where it is none of ours
 * @property {Portal | null} portal
 * @property {boolean} granted
 * @property {{ frame: number, index: number, code: string, title: string, count: number, visible: boolean }[]} codes
 */

/**
 * Send a message to the worker; null where nothing (any more) answers.
 * @template {Kind} K
 * @param {Message<K>} message
 * @returns {Promise<Replies[K] | null>}
 */
export async function send(message) {
  try {
    return (await chrome.runtime.sendMessage(message)) ?? null;
  } catch {
    // The extension was updated or removed under an open page: there is no one to ask.
    return null;
  }
}
