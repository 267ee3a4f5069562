// How a company at a glance looks: figures in a band, a table of contacts, and two columns of lists below.

import { css } from "./theme.js";

export const summarySheet = css`
  .figures {
    display: flex;
    flex-wrap: wrap;
    gap: 1px;
    background: var(--line);
    border: 1px solid var(--line);
    border-radius: var(--control-radius);
    overflow: hidden;
    margin: 0.3rem 0 1rem;
  }
  .figures > div {
    flex: 1 1 7.5rem;
    background: var(--surface);
    padding: 0.6rem 0.85rem;
  }
  .figures dt {
    color: var(--muted);
    font-size: 0.86em;
  }
  .figures dd {
    font-size: 1.22em;
    font-weight: 650;
    line-height: 1.3;
  }
  .figures dd::first-letter {
    text-transform: uppercase;
  }
  .figures .about {
    display: block;
    font-size: 0.68em;
    font-weight: 400;
    color: var(--muted);
  }
  .figures .about.bad {
    color: var(--danger);
    font-weight: 550;
  }
  .contacts {
    margin: 0.4rem 0 0.6rem;
  }
  .sections {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1.2rem 2.2rem;
    align-items: start;
    margin-top: 1.1rem;
  }
  .column {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1.2rem;
  }
  .sections .group {
    margin-top: 0;
  }
  .said {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
  }
  .bars > li {
    display: grid;
    grid-template-columns: minmax(5.5rem, auto) minmax(0, 1fr) 2rem;
    gap: 0.7rem;
    align-items: center;
    padding: 0.22rem 0;
  }
  .bars {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
  }
  .bar {
    display: block;
    width: 100%;
    height: 0.75rem;
    fill: var(--accent);
  }
  :host(:dir(rtl)) .bar {
    transform: scaleX(-1);
  }
  .none .bar {
    fill: color-mix(in oklab, var(--text) 22%, var(--surface));
  }
  @container (width >= 46rem) {
    .sections {
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
    }
  }
  @container (width < 38rem) {
    tbody td {
      display: inline-block;
      margin-inline-end: 0.9rem;
    }
  }
  @media (forced-colors: active) {
    .bar {
      forced-color-adjust: none;
      fill: Highlight;
    }
    .figures {
      background: none;
    }
    .figures > div {
      border: 1px solid;
    }
  }
`;
