// The company page: its relationship summary, in one call, and the partners of a client.

import { call } from "./api.js";
import { filled, opens, submits } from "./forms.js";
import { announce, label, day, due, fill, inDays, moment, monthAndDay, ready, row, rows } from "./view.js";

const company = document.getElementById("company");
const { id, client, mayUpdate, mayManage } = company.dataset;
const path = `/companies/${id}/partners`;
const names = new Map();
const money = new Intl.NumberFormat(document.documentElement.lang, {
  style: "currency", currency: "GBP", maximumFractionDigits: 0,
});

const of = (contactId) => ({ contact: names.get(contactId) ?? "", link: `/contacts/${contactId}` });
const nextEvent = (event) => (event ? `${event.title}, ${inDays(event.days_until)}` : "–");

// One section of the page: its first rows, and how many there are in all.
function part(name, all, line, nothing, most = 8) {
  const section = document.getElementById(name);
  const nodes = all.slice(0, most).map(line);
  rows(section, "rows", nodes);
  fill(section, { any: nodes.length, count: all.length > most ? `first ${most} of ${all.length}` : all.length, nothing: nodes.length ? "" : nothing });
  ready(section);
}

function contactCells(contact) {
  const line = company.querySelector(`[data-contact="${contact.id}"]`);
  names.set(contact.id, [contact.first_name, contact.last_name].filter(Boolean).join(" "));
  if (!line) return;
  fill(line, {
    prefers: label(contact.communication_preference) || "–",
    opted_in: contact.twilio_opt_in ? "Opted in" : "Not opted in",
    next: nextEvent(contact.next_event),
  });
}

function eventRow(event) {
  return row("event-row", {
    ...monthAndDay(event.next_occurrence), ...of(event.contact_id), title: event.title, when: inDays(event.days_until),
  });
}

function actionRow(action) {
  const when = due(action.due_date);
  const about = [label(action.action_type), action.assigned_to_name].filter(Boolean).join(" · ");
  const node = row("action-row", { ...of(action.contact_id), title: action.title, about: `· ${about}`, due: when.text });
  if (when.tone) node.querySelector(".tag").classList.add(when.tone);
  return node;
}

function messageRow(message) {
  const way = message.direction === "inbound" ? "wrote" : "was sent";
  const about = `${way} this by ${label(message.channel)}, ${moment(message.created_at)}`;
  return row("message-row", { ...of(message.contact_id), body: message.body, about });
}

function partnerRow(partner) {
  const deal = partner.estimated_deal_size === null ? "" : money.format(partner.estimated_deal_size);
  const node = row("partner-row", { ...partner, deal });
  const mail = node.querySelector("[data-mail]");
  if (partner.partner_contact_email) mail.href = `mailto:${partner.partner_contact_email}`;
  const button = node.querySelector("[data-delete]");
  button.hidden = mayManage === undefined;
  button.setAttribute("aria-label", `Delete: ${partner.partner_company_name}`);
  button.addEventListener("click", async () => {
    try {
      await call("DELETE", `${path}/${partner.id}`);
      announce("The partner is deleted.");
    } catch (problem) {
      announce(problem.message);
    }
    await load();
    document.getElementById("partners-heading").focus();
  });
  return node;
}

async function load() {
  const alert = company.querySelector('[role="alert"]');
  alert.hidden = true;
  try {
    const summary = await call("GET", `/clients/${id}/relationship-summary`);
    summary.contacts.forEach(contactCells);
    part("events", summary.events, eventRow, "No life events.");
    part("actions", summary.actions, actionRow, "Nothing to follow up.");
    part("messages", summary.messages, messageRow, "No messages yet.", summary.messages.length);
    if (client !== undefined) part("partners", summary.partners, partnerRow, "No partners yet.", summary.partners.length);
    fill(company.querySelector(".figures"), {
      opted_in: `${summary.contacts.filter((contact) => contact.twilio_opt_in).length} of ${summary.contacts.length}`,
      pending: String(summary.actions.length),
      next: nextEvent(summary.events[0]),
      last: summary.messages.length ? day(summary.messages[0].created_at.slice(0, 10)) : "–",
    });
  } catch (problem) {
    alert.textContent = problem.message;
    alert.hidden = false;
  }
}

if (client !== undefined && mayUpdate !== undefined) {
  const section = document.getElementById("partners");
  const form = section.querySelector("form");
  const close = opens(section.querySelector("[data-edit]"), form, () => form.reset());
  submits(form, async (values) => {
    await call("POST", path, filled(values));
    close();
    announce("The partner is added.");
    await load();
  });
}

load();
