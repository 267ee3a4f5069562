// The start page: closing follow-ups where they are listed.

import { call } from "./api.js";
import { announce } from "./view.js";

const list = document.querySelector("[data-follow-ups]");

list?.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-status]");
  if (!button) return;
  const row = button.closest("[data-action]");
  const { status } = button.dataset;
  try {
    await call("PATCH", `/relationship-actions/${row.dataset.action}`, { status });
  } catch (problem) {
    announce(problem.message);
    return;
  }
  announce(`${row.querySelector("strong").textContent}: ${status}.`);
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  const count = document.querySelector("#follow-ups .count");
  count.textContent = list.children.length;
  (next?.querySelector("button") ?? document.getElementById("main")).focus();
});
