// How tables look: rows between lines, and where there is no room a block for each row, whose cells say what they are.

import { css } from "./theme.js";

export const tableSheet = css`
  table {
    width: 100%;
    border-collapse: collapse;
  }
  th,
  td {
    text-align: start;
    vertical-align: baseline;
    padding: 0.55rem 0;
    padding-inline-end: 0.9rem;
    border-top: 1px solid var(--line);
    font-weight: 400;
  }
  thead :is(th, td) {
    border-top: 0;
    color: var(--muted);
    font-size: 0.86em;
    font-weight: 550;
    padding-block: 0.1rem 0.3rem;
  }
  tbody th {
    font-weight: 550;
  }
  .number {
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  @container (width < 38rem) {
    thead,
    td.nothing {
      display: none;
    }
    table,
    tbody,
    tfoot,
    tr,
    th,
    td {
      display: block;
    }
    tbody tr {
      border-top: 1px solid var(--line);
      padding: 0.5rem 0;
    }
    tbody tr:first-child {
      border-top: 0;
    }
    :is(tbody, tfoot) :is(th, td, .number) {
      border: 0;
      padding: 0.06rem 0;
      text-align: start;
    }
    td[data-label]::before {
      content: attr(data-label) ":";
      margin-inline-end: 0.35em;
      color: var(--muted);
      font-size: 0.88em;
    }
  }
`;
