// Starts Swagger UI so that it parses no markup: then it runs under a policy that requires trusted types.

// Its purifier would ask for a policy of its own, which `trusted-types 'none'` refuses. Nothing is left to purify here,
// and what the browser itself enforces does not hang on this name.
Object.defineProperty(globalThis, "trustedTypes", { value: undefined });

const place = document.getElementById("relationships-api");

/** Texts of the document as text, with what stands in backticks as code. */
const Markdown =
  ({ React }) =>
  ({ source, className }) =>
    source
      ? React.createElement(
          "p",
          { className },
          ...String(source)
            .split("`")
            .map((words, at) => (at % 2 ? React.createElement("code", null, words) : words)),
        )
      : null;

/** The words alone: around them stands a button already, and a link inside a button is none to a screen reader. */
const DeepLink =
  ({ React }) =>
  ({ text }) =>
    React.createElement("span", null, text);

/** The routes and schemas, below the heading of the page and inside its landmarks. */
const Plain =
  ({ React, getComponent }) =>
  ({ specSelectors }) => {
    const heading = (words) => React.createElement("h2", null, words);
    const part = (name) => React.createElement(getComponent(name, true));
    const read = specSelectors.loadingStatus() === "success";
    const parts = read ? [heading("Routes"), part("operations"), heading("Schemas"), part("Models")] : [];
    return React.createElement("div", { className: "swagger-ui" }, part("errors"), ...parts);
  };

const plugin = (system) => ({
  components: { Markdown: Markdown(system), DeepLink: DeepLink(system), Plain: Plain(system) },
});

/** What Swagger UI leaves without a name takes that of its row; what it calls a landmark or a deeper heading is none. */
function mend() {
  for (const control of place.querySelectorAll(":is(select, input, textarea):not([aria-label])")) {
    const around = control.closest("[data-param-name], .content-type-wrapper");
    control.setAttribute("aria-label", around?.dataset.paramName ?? (around ? "Media type" : control.title || "Body"));
  }
  for (const region of place.querySelectorAll("[role=region]")) region.removeAttribute("role");
  for (const heading of place.querySelectorAll(".models > h4:not([aria-level])"))
    heading.setAttribute("aria-level", "3");
}

addEventListener("DOMContentLoaded", () => {
  new MutationObserver(mend).observe(place, { childList: true, subtree: true });
  globalThis.SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    presets: [globalThis.SwaggerUIBundle.presets.apis],
    plugins: [plugin],
    layout: "Plain",
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    deepLinking: true,
    syntaxHighlight: { activated: false },
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (place.dataset.csrfToken && (request.method ?? "GET") !== "GET")
        request.headers["X-CSRFToken"] = place.dataset.csrfToken;
      return request;
    },
  });
});
