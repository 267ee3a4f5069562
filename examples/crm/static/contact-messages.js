// The thread of messages and its composer.

import { call } from "./api.js";
import { filled, submits } from "./forms.js";
import { announce, attempt, label, fill, moment, row, rows } from "./view.js";

const STATUS = {
  received: "received", queued: "queued", sending: "sending", sent: "sent", delivered: "delivered", read: "read",
  failed: "not sent", undelivered: "not delivered", unconfirmed: "perhaps not sent: check before sending again",
};
const BLOCKED = {
  not_opted_in: "has not agreed to receive text messages.",
  no_phone_number: "has no number that messages could go to.",
  opted_out_by_recipient: "has asked for no more messages.",
};

export function showMessages(contact, { sent }) {
  const section = document.getElementById("messages");
  const form = section.querySelector("form");
  const path = `${contact.path}/messages`;
  let drafted = null;

  function line(message) {
    const failed = ["failed", "undelivered"].includes(message.status);
    const about = [label(message.channel), STATUS[message.status] ?? message.status, moment(message.created_at)];
    const node = row("message-row", {
      body: message.body,
      about: about.join(" · "),
      fault: failed ? [message.error_message, message.error_code && `(${message.error_code})`].filter(Boolean).join(" ") : "",
    });
    node.classList.add(message.direction);
    node.classList.toggle("failed", failed);
    return node;
  }

  async function load() {
    await attempt(section, async () => {
      const { messages } = await call("GET", path);
      rows(section, "thread", messages.map(line).reverse());
      fill(section, { nothing: messages.length ? "" : "No messages yet." });
      section.querySelector(".thread").hidden = !messages.length;
    });
    const thread = section.querySelector(".thread");
    thread.scrollTop = thread.scrollHeight;
  }

  // The composer is there for whom messages can reach.
  function allow(profile) {
    const blocked = profile.messaging_blocked;
    fill(section, { blocked: blocked ? `${contact.name} ${BLOCKED[blocked.reason] ?? "cannot be messaged."}` : "" });
    if (!form) return;
    form.hidden = blocked?.channel === "all";
    const preferred = profile.communication_preference;
    if (["sms", "whatsapp"].includes(preferred) && !form.elements.body.value) form.elements.channel.value = preferred;
  }

  function draft(action) {
    drafted = action;
    const place = form.querySelector("[data-draft]");
    place.hidden = !action;
    place.querySelector("span").textContent = action ? `Sending this completes “${action.title}”.` : "";
  }

  function useDraft(action) {
    if (form.hidden) return announce("Messages cannot be sent to this contact.");
    draft(action);
    form.elements.body.value = action.message_body;
    if (["sms", "whatsapp", "mms"].includes(action.action_type)) form.elements.channel.value = action.action_type;
    form.elements.body.focus();
  }

  if (form) {
    const media = form.querySelector("[data-media]");
    form.addEventListener("change", () => { media.hidden = form.elements.channel.value !== "mms"; });
    form.querySelector("[data-draft] button").addEventListener("click", () => draft(null));
    submits(form, async (values) => {
      if (values.channel !== "mms") delete values.media_url;
      if (drafted) values.auto_action_id = drafted.id;
      const { message } = await call("POST", path, filled(values));
      form.elements.body.value = form.elements.media_url.value = "";
      draft(null);
      announce(`The message is ${STATUS[message.status] ?? message.status}.`);
      await load();
      sent();
    });
  }
  return { load, allow, useDraft };
}
