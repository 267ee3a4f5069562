// How the board looks: one line for each follow-up where there is room, and its buttons below it where there is none.

import { css } from "./theme.js";

export const boardSheet = css`
  button,
  strong {
    unicode-bidi: plaintext;
  }
  .heading {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.15rem 0.5rem;
  }
  .heading .badge {
    font-weight: 550;
    font-size: 0.78em;
  }
  .controls,
  .filter {
    min-width: 0;
    max-width: 100%;
  }
  .filters {
    display: flex;
    min-width: 0;
    flex-wrap: wrap;
    gap: 0.4rem;
    align-items: center;
  }
  .filter select {
    width: auto;
    max-width: 11rem;
    min-height: 2rem;
    padding-block: 0.2rem;
  }
  .switch {
    display: inline-flex;
  }
  .switch button {
    border-radius: 0;
    margin-inline-start: -1px;
    font-size: 0.88em;
  }
  .switch button:first-child {
    border-start-start-radius: var(--control-radius);
    border-end-start-radius: var(--control-radius);
    margin: 0;
  }
  .switch button:last-child {
    border-start-end-radius: var(--control-radius);
    border-end-end-radius: var(--control-radius);
  }
  .switch [aria-pressed="true"] {
    background: var(--wash);
    color: var(--accent);
    border-color: var(--accent);
    z-index: 1;
  }
  .switch :focus-visible {
    z-index: 2;
  }
  .due-group + .due-group {
    margin-top: 0.9rem;
  }
  .group.overdue {
    color: var(--danger);
  }
  .group.today {
    color: var(--warning);
  }
  .group .count {
    font-size: 1em;
    color: inherit;
    margin: 0;
  }
  .rows > li.action {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0 0.6rem;
    padding: 0.45rem 0;
    content-visibility: auto;
    contain-intrinsic-height: 3.3rem;
  }
  .rows > li.action:focus-visible {
    outline-offset: -2px;
  }
  .action .tick {
    padding: 0.15rem 0.15rem 0 0.1rem;
    min-width: 1.5rem;
    min-height: 1.75rem;
    cursor: pointer;
  }
  .line {
    grid-column: 2;
    display: flex;
    flex-wrap: wrap;
    gap: 0.3rem 0.8rem;
    align-items: flex-start;
  }
  .action > .line:first-child,
  .action > .line:first-child + .opened {
    grid-column: 1 / -1;
  }
  .line > .grow {
    flex: 1 1 17rem;
  }
  .what {
    display: flex;
    flex-wrap: wrap;
    gap: 0.05rem 0.55rem;
    align-items: baseline;
  }
  .draft {
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
    font-style: italic;
  }
  .dots {
    font-weight: 700;
    letter-spacing: 0.1em;
    min-width: 2rem;
  }
  .dots[aria-expanded="true"] {
    background: var(--sunken);
    color: var(--text);
  }
  .opened {
    grid-column: 2;
    padding: 0.5rem 0 0.35rem;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.5rem;
  }
  .opened > .buttons {
    margin: 0;
  }
  .all-of-it > .rearrange {
    display: contents;
  }
  .all-of-it,
  .rearrange {
    display: flex;
    flex-wrap: wrap;
    gap: 0.45rem 1.4rem;
  }
  .rearrange input,
  .rearrange select {
    width: auto;
    max-width: 100%;
    min-height: 1.85rem;
    padding-block: 0.1rem;
    font-size: 0.9em;
  }
  .history > li {
    padding: 0.15rem 0;
    color: var(--muted);
  }
  .many {
    position: sticky;
    inset-block-end: 0.6rem;
    z-index: 1;
    margin: 0.8rem 0 0.4rem;
    padding: 0.6rem 0.8rem;
    background: var(--surface);
    border: 1px solid var(--accent);
    border-radius: var(--radius);
    box-shadow: 0 4px 18px rgb(0 0 0 / 16%);
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 1.1rem;
    align-items: center;
  }
  .card:has(.toast) .many {
    inset-block-end: 4.4rem;
  }
  .many button {
    font-size: 0.88em;
    min-height: 1.85rem;
    padding-inline: 0.65rem;
  }
  .keys {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr));
    gap: 0.2rem 1rem;
    background: var(--sunken);
    border-radius: var(--control-radius);
    padding: 0.6rem 0.8rem;
    margin-bottom: 0.6rem;
  }
  .keys > div {
    display: flex;
    gap: 0.6rem;
    align-items: baseline;
  }
  .keys dt {
    min-width: 3.6rem;
  }
  kbd {
    font:
      0.92em ui-monospace,
      monospace;
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: 4px;
    padding: 0 0.35rem;
  }
  @media (height < 24rem) {
    .many {
      position: static;
    }
  }
  @media (forced-colors: active) {
    .switch [aria-pressed="true"] {
      border-width: 3px;
    }
  }
  @container (width < 30rem) {
    .filter,
    .filter select {
      max-width: 100%;
    }
    .rows > li.action {
      contain-intrinsic-height: 8.8rem;
    }
    .line > .buttons {
      margin-inline-start: -2rem;
    }
    .controls > .quiet {
      display: none;
    }
    .line {
      position: relative;
    }
    .line > .grow:has(+ .buttons > .dots) > .what {
      padding-inline-end: 2.2rem;
    }
    .dots {
      position: absolute;
      inset: -0.25rem 0 auto auto;
    }
    :host(:dir(rtl)) .dots {
      inset: -0.25rem auto auto 0;
    }
    .opened {
      grid-column: 1 / -1;
    }
    .many {
      gap: 0.4rem;
      padding: 0.5rem;
    }
    .many .rearrange {
      display: none;
    }
  }
`;
