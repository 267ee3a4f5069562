// Defines the elements that a page's helpers did not ask for, once the page has loaded what it shows.

/** How long after the page's own elements the others are loaded, where no tag waits for them. */
const DELAY_MILLISECONDS = 1000;

const define = () => import("./elements.js");

function defineOthers() {
  const waiting = [...document.querySelectorAll(":not(:defined)")];
  if (waiting.some((node) => node.localName.startsWith("rel-"))) define();
  else setTimeout(define, DELAY_MILLISECONDS);
}

if (document.readyState === "complete") defineOthers();
else addEventListener("load", defineOthers, { once: true });
