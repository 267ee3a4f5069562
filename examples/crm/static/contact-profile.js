// The relationship profile: shown, and edited in place.

import { call } from "./api.js";
import { opens, setValues, submits } from "./forms.js";
import { announce, attempt, label, fill } from "./view.js";

export function showProfile(contact, { loaded, changed }) {
  const section = document.getElementById("profile");
  const shown = section.querySelector("[data-shown]");
  const form = section.querySelector("form");
  const path = `${contact.path}/relationship`;
  let profile;

  function show(next) {
    profile = next;
    const assistant = [profile.assistant_name, profile.assistant_email].filter(Boolean).join(", ");
    const known = [...form?.elements ?? []].some((field) => field.type !== "checkbox" && profile[field.name]?.length);
    fill(section, {
      ...profile,
      prefers: label(profile.communication_preference),
      birthday_text: inWords(profile),
      assistant,
      nothing: known ? "" : "Nothing is known yet.",
      consent: profile.twilio_opt_in ? "Opted in" : "Not opted in",
    });
    section.querySelector('[data-text="consent"]').classList.toggle("good", profile.twilio_opt_in);
  }

  async function load() {
    await attempt(section, async () => {
      const answer = await call("GET", path);
      show(answer.profile);
      loaded(answer.profile);
    });
  }

  if (contact.mayUpdate) {
    const close = opens(section.querySelector("[data-edit]"), form, () => {
      setValues(form, { ...profile, birthday: inFull(profile), interests: profile.interests.join(", ") });
      shown.hidden = true;
    });
    form.querySelector("[data-cancel]").addEventListener("click", () => { shown.hidden = false; });
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") shown.hidden = false; });
    submits(form, async (values) => {
      values.interests = (values.interests ?? "").split(",").map((word) => word.trim()).filter(Boolean);
      if (values.birthday?.length === "12-05".length) values.birthday_year = null;
      const answer = await call("PATCH", path, values);
      show(answer.profile);
      loaded(answer.profile);
      changed();
      close();
      shown.hidden = false;
      announce("The profile is saved.");
    });
  }
  return { load };
}

// The birthday with its year, where that is known.
function inFull({ birthday, birthday_year: year }) {
  return year && birthday?.length === "12-05".length ? `${String(year).padStart(4, "0")}-${birthday}` : birthday;
}

// In words; the year only where it is known.
function inWords(profile) {
  if (!profile.birthday) return "";
  const [day, month, year] = inFull(profile).split("-").map(Number).reverse();
  const format = { day: "numeric", month: "long", ...(year && { year: "numeric" }) };
  return new Date(year ?? 2024, month - 1, day).toLocaleDateString(document.documentElement.lang, format);
}
