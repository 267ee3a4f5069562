// Starts Swagger UI so that it parses no markup: then it runs under a policy that requires trusted types.

// Its sanitizer would create a policy, which `trusted-types 'none'` refuses. Nothing is left to sanitize here, and what
// the browser itself enforces does not depend on this name.
Object.defineProperty(globalThis, "trustedTypes", { value: undefined });

const place = document.getElementById("relationships-api");

/** Show texts of the document as text, with code where backticks are. */
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

/** Show the text alone: it stands in a button, and a screen reader finds no link inside a button. */
const DeepLink =
  ({ React }) =>
  ({ text }) =>
    React.createElement("span", null, text);

/** Show the routes and schemas below the heading of the page and inside its landmarks. */
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

/** Name the controls that Swagger UI leaves without a name, and correct its landmarks and headings. */
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
