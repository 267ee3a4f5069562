// Shapes that several modules share and that are no rows of the API.

import type { RelActions } from "../elements/actions.js";
import type { RelContactActions } from "../elements/contact-actions.js";
import type { RelContactPanel } from "../elements/contact-panel.js";
import type { RelPartners } from "../elements/partners.js";
import type { RelProfile } from "../elements/profile.js";
import type { RelSummary } from "../elements/summary.js";
import type { RelThread } from "../elements/thread.js";
import type { RelTimeline } from "../elements/timeline.js";
import type { Action } from "./api.js";

declare global {
  interface HTMLElementTagNameMap {
    "rel-actions": RelActions;
    "rel-contact-actions": RelContactActions;
    "rel-contact-panel": RelContactPanel;
    "rel-partners": RelPartners;
    "rel-profile": RelProfile;
    "rel-summary": RelSummary;
    "rel-thread": RelThread;
    "rel-timeline": RelTimeline;
  }
}

export type Listeners = { [Kind in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Kind]) => unknown };

/** What `h` sets: `on` holds listeners; null, undefined and false leave an attribute out. */
export interface Attributes {
  on?: Listeners;
  [name: string]: string | number | boolean | null | undefined | Listeners;
}

/** What `h` appends: null, undefined, false and "" are left out. */
export type Child = Node | string | number | boolean | null | undefined | Child[];

/** Query parameters of a request; empty ones are left out. */
export type Query = Record<string, string | number | null | undefined>;

/** One page of a list. */
export interface Page<Row> {
  items: Row[];
  /** Fetch the next page; null at the end. */
  next: (() => Promise<Page<Row>>) | null;
}

/** An error of one field, or of the whole request. */
export interface FieldError {
  code: string;
  detail: string;
}

/** The kinds of `rel-change` events. */
export type ChangeKind =
  "profile" | "life-events" | "actions" | "messages" | "partners" | "compose" | "draft-action" | "ask-consent";

/** What an element says about a change of its own. */
export interface Change {
  contact?: string | null;
  company?: string | null;
  /** Id of the follow-up that a message has completed. */
  sent?: string;
  /** The follow-up whose draft is to be sent. */
  action?: Action;
  /** Title of the follow-up that is to be drafted. */
  title?: string;
}

/** A template of the page's list. */
export interface MessageTemplate {
  sid: string;
  name?: string;
  body?: string;
}

/** A row of a page, to choose from. */
export interface Choice {
  id: string | number;
  name: string;
}

/** How a request is sent. */
export interface SendOptions {
  /** Whether the request outlives the page. */
  keepalive?: boolean;
}
