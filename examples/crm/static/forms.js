// Forms that are sent to the API: their values as JSON, and the problems that come back beside their fields.

// The form's values by name: text that is empty is null, a box that is ticked is true.
export function values(form) {
  const found = {};
  for (const field of form.elements) {
    if (!field.name || (field.type === "radio" && !field.checked)) continue;
    if (field.type === "checkbox") found[field.name] = field.checked;
    else if (field.type === "number") found[field.name] = field.value === "" ? null : Number(field.value);
    else found[field.name] = field.value.trim() || null;
  }
  return found;
}

export function setValues(form, given) {
  for (const field of form.elements) {
    if (!(field.name in given)) continue;
    if (field.type === "checkbox") field.checked = given[field.name];
    else field.value = given[field.name] ?? "";
  }
}

// Send the form with `save` when it is submitted; one at a time.
export function submits(form, save) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button.primary");
    if (button.disabled) return;
    clear(form);
    button.disabled = true;
    try {
      await save(values(form));
    } catch (problem) {
      show(form, problem);
    } finally {
      button.disabled = false;
    }
  });
}

// A button that opens a form, and the form's own button that closes it again.
export function opens(button, form, before = () => {}) {
  const close = () => {
    form.hidden = true;
    button.setAttribute("aria-expanded", "false");
    button.focus();
  };
  button.addEventListener("click", () => {
    if (!form.hidden) return close();
    clear(form);
    before();
    form.hidden = false;
    button.setAttribute("aria-expanded", "true");
    form.querySelector("input, select, textarea").focus();
  });
  form.querySelector("[data-cancel]").addEventListener("click", close);
  form.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  return close;
}

function clear(form) {
  form.querySelector('[role="alert"]').hidden = true;
  for (const error of form.querySelectorAll(".error")) describe(error.previousElementSibling, error, false);
}

function show(form, problem) {
  let first = null;
  for (const { pointer, code, detail } of problem.errors ?? []) {
    const field = form.elements[pointer.split("/")[1]];
    if (!(field instanceof HTMLElement)) continue;
    const error = document.createElement("p");
    error.className = "error";
    error.id = `${field.id}-error`;
    error.textContent = code === "required" ? "Please fill this in." : detail;
    describe(field, error, true);
    first ??= field;
  }
  const alert = form.querySelector('[role="alert"]');
  alert.textContent = first ? "Please look at what is marked below." : problem.message;
  alert.hidden = false;
  first?.focus();
}

// Put an error beside its field and tie the two together, or take it away again.
function describe(field, error, wrong) {
  const others = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== error.id);
  field.setAttribute("aria-invalid", wrong);
  field.setAttribute("aria-describedby", (wrong ? [...others, error.id] : others).join(" "));
  if (wrong) field.after(error);
  else error.remove();
}

// What was filled in, for creating something new.
export function filled(found) {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null));
}
