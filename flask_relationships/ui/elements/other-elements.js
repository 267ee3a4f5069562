// Defines the elements that a page's helpers did not ask for, once the page has loaded what it shows.

const define = () => import("./elements.js");

if (document.readyState === "complete") define();
else addEventListener("load", define, { once: true });
