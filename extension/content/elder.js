// Runs before the rest: a copy already at work here (the extension was updated, or a switch was
// turned) ends while the names it uses are still its own.
/** @type {{ remitlens?: { stop: () => void } }} */ (/** @type {unknown} */ (globalThis)).remitlens?.stop();
