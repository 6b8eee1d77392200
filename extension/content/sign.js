/** The sign that shows while claim pages opened here are handed to the user's own server. */

var RemitlensSign = (() => {
  const STYLE = `
    :host {
      all: initial !important; position: fixed !important; inset: auto auto 12px 12px !important;
      display: block !important; margin: 0 !important; padding: 0 !important; border: 0 !important;
      background: transparent !important; pointer-events: none !important; opacity: 1 !important;
      visibility: visible !important; z-index: 2147483646 !important; overflow: visible !important;
    }
    .sign {
      display: flex; align-items: center; gap: 8px; padding: 6px 13px; border-radius: 99px; color: #fff;
      background: #7a3b00; font: 600 13px/1.4 system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif;
      box-shadow: 0 2px 10px rgb(0 0 0 / 30%);
    }
    .sign::before { content: ""; width: 9px; height: 9px; border-radius: 9px; background: #ffb35c; }
    @media (forced-colors: active) { .sign { border: 1px solid CanvasText; } }
    @media print { :host { display: none !important; } }
  `;
  /** @type {HTMLElement | null} */
  let host = null;

  function show() {
    if (host?.isConnected) return;
    host = document.createElement("remitlens-sign");
    const root = host.attachShadow({ mode: "closed" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const sign = document.createElement("div");
    sign.className = "sign";
    sign.setAttribute("role", "status");
    sign.textContent = chrome.i18n.getMessage("sign");
    root.append(sign);
    document.documentElement.append(host);
  }

  function hide() {
    host?.remove();
    host = null;
  }

  return { show, hide };
})();
