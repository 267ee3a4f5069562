// Runs before the scripts of the page: see interactive.py.
(() => {
  const all = (node, selector) => [...node.querySelectorAll(selector)];
  const panel = () => document.querySelector("rel-contact-panel")?.shadowRoot;
  const used = {
    panel: {
      ready: () =>
        panel() && all(panel(), ".column > *").every((part) => part.shadowRoot?.querySelector("[aria-busy=false]")),
      press: () =>
        all(panel().querySelector("rel-profile").shadowRoot, "button")
          .find((one) => one.textContent.startsWith("Edit"))
          .click(),
      opened: () => panel().querySelector("rel-profile").shadowRoot.querySelector("form"),
    },
    admin: {
      ready: () =>
        document.querySelector("form.admin-form input[name=given_name]")?.value &&
        document.querySelector(".select2-choice"),
      press: () =>
        document
          .querySelector(".select2-choice")
          .dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true })),
      opened: () => document.querySelector(".select2-drop-active li"),
    },
  }[location.pathname.startsWith("/admin") ? "admin" : "panel"];
  let drawn = null;
  const look = () => {
    if (drawn === null && used.ready()) {
      drawn = performance.now();
      used.press();
    }
    if (drawn !== null && used.opened()) {
      requestAnimationFrame(() =>
        setTimeout(() => {
          const loaded = performance.getEntriesByType("resource");
          const bytes = [...performance.getEntriesByType("navigation"), ...loaded].reduce(
            (sum, one) => sum + one.transferSize,
            0,
          );
          globalThis.measured = { drawn, used: performance.now(), requests: loaded.length + 1, bytes };
        }),
      );
      return;
    }
    setTimeout(look, 4);
  };
  if (/^\/(admin\/contact\/edit|contacts\/1$)/.test(location.pathname)) addEventListener("DOMContentLoaded", look);
})();
