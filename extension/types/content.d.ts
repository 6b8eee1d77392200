/** The modules the content scripts share with the worker, as `content/shared.js` offers them. */
declare const RemitlensShared: typeof import("../messages.js") &
  typeof import("../explain.js") &
  typeof import("../card.js") &
  typeof import("../finder.js") &
  typeof import("../rows.js");
