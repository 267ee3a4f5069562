// The contact page: each section loads by itself, and says which others have to load again after a change.

import { showActions } from "./contact-actions.js";
import { showEvents } from "./contact-events.js";
import { showMessages } from "./contact-messages.js";
import { showProfile } from "./contact-profile.js";

const { id, name, mayUpdate, mayManage } = document.getElementById("contact").dataset;
const contact = {
  name,
  path: `/contacts/${id}`,
  mayUpdate: mayUpdate !== undefined,
  mayManage: mayManage !== undefined,
};

const messages = showMessages(contact, { sent: () => actions.load() });
const actions = showActions(contact, { useDraft: messages.useDraft });
const events = showEvents(contact, { changed: () => actions.load() });
const profile = showProfile(contact, {
  loaded: (shown) => messages.allow(shown),
  changed: () => { events.load(); actions.load(); },
});

for (const section of [profile, events, actions, messages]) section.load();
