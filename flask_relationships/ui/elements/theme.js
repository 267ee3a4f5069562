// How everything looks. Each `--rel-*` property may be set by the page; what it leaves alone follows its font, its
// language's direction and its `color-scheme`.

/**
 * Return a style sheet, which shadow roots share. Formatters and editors know CSS by the name of this tag.
 * @param {TemplateStringsArray} strings
 */
export function css(strings) {
  const made = new CSSStyleSheet();
  made.replaceSync(strings.join(""));
  return made;
}

export const theme = css`
  :host {
    margin-block-end: var(--space);
    --accent: var(--rel-accent, light-dark(#0b5fb0, #8cc0f5));
    --on-accent: var(--rel-on-accent, light-dark(#fff, #08213a));
    --surface: var(--rel-surface, light-dark(#fff, #1b2126));
    --text: var(--rel-text, light-dark(#1c2329, #e8ebed));
    --muted: var(--rel-muted, light-dark(#59636c, #a5b0b8));
    --line: var(--rel-line, light-dark(#e0e2e4, #333c43));
    --control-line: var(--rel-control-line, light-dark(#868f96, #7d8992));
    --danger: var(--rel-danger, light-dark(#a81e27, #ff9f98));
    --warning: var(--rel-warning, light-dark(#7b4c00, #f0c37a));
    --success: var(--rel-success, light-dark(#17643a, #86d5a6));
    --radius: var(--rel-radius, 0.6rem);
    --space: var(--rel-space, 1rem);
    --shadow: var(--rel-shadow, 0 1px 2px rgb(0 0 0 / 5%));
    --sunken: color-mix(in oklab, var(--text) 5%, var(--surface));
    --wash: color-mix(in oklab, var(--accent) 11%, var(--surface));
    --danger-wash: color-mix(in oklab, var(--danger) 11%, var(--surface));
    --warning-wash: color-mix(in oklab, light-dark(#f2b13c, var(--warning)) 20%, var(--surface));
    --success-wash: color-mix(in oklab, var(--success) 12%, var(--surface));
    --control-radius: calc(var(--radius) * 0.7);
    display: block;
    min-width: 0;
  }
  /* Not on the element itself, where the page's own rules for all that there is would win. */
  .root {
    color: var(--text);
    font-family: var(--rel-font, inherit);
    font-size: var(--rel-font-size, inherit);
    line-height: 1.5;
    overflow-wrap: anywhere;
    text-align: left;
  }
  /* A text in another script than the page's keeps its own direction inside, and stands where the page's do. */
  :host(:dir(rtl)) .root {
    text-align: right;
  }
  p,
  li,
  dd,
  dt,
  h2,
  h3,
  div,
  span,
  label,
  legend,
  blockquote,
  time {
    unicode-bidi: plaintext;
  }
  time {
    white-space: nowrap;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  h2,
  h3,
  h4,
  p,
  ul,
  ol,
  dl,
  dd,
  fieldset,
  blockquote,
  figure {
    margin: 0;
    padding: 0;
    border: 0;
    min-width: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h2,
  h3,
  h4 {
    line-height: 1.3;
  }
  a {
    color: var(--accent);
    text-underline-offset: 0.18em;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
    border-radius: 4px;
  }

  .card {
    position: relative;
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
    padding: var(--space) calc(var(--space) * 1.15);
    container-type: inline-size;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.35rem 0.75rem;
    min-height: 2.1rem;
  }
  .heading {
    font-size: 1.07em;
    font-weight: 650;
    letter-spacing: -0.005em;
    display: inline;
  }
  .heading:focus-visible {
    outline-offset: 4px;
  }
  .count {
    font-weight: 450;
    color: var(--muted);
    margin-inline: 0.3rem;
  }
  .controls {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem;
    align-items: center;
  }
  .body {
    margin-top: 0.45rem;
  }
  ::slotted([slot$="header"]),
  ::slotted([slot$="footer"]) {
    margin-block: 0.5rem 0;
  }
  .group {
    font-size: 0.82em;
    font-weight: 600;
    color: var(--muted);
    margin: 1rem 0 0.15rem;
  }
  .group:first-child {
    margin-top: 0.2rem;
  }
  .muted {
    color: var(--muted);
  }
  .small {
    font-size: 0.88em;
  }
  .empty {
    color: var(--muted);
    padding: 0.5rem 0;
  }
  .aside,
  .away {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .nowrap {
    white-space: nowrap;
  }
  .rows + .quiet,
  table + .quiet {
    margin-inline-start: -0.5rem;
  }

  button,
  .button {
    font: inherit;
    font-size: 0.92em;
    font-weight: 550;
    line-height: 1.35;
    color: var(--text);
    background: var(--surface);
    border: 1px solid var(--control-line);
    border-radius: var(--control-radius);
    min-height: 2rem;
    padding: 0.25rem 0.75rem;
    cursor: pointer;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.35rem;
    text-decoration: none;
  }
  button:hover {
    background: var(--sunken);
  }
  button.primary {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
  }
  button.primary:hover {
    background: color-mix(in oklab, var(--accent) 88%, var(--text));
  }
  button.quiet {
    border-color: transparent;
    background: none;
    color: var(--muted);
    padding-inline: 0.5rem;
  }
  button.quiet:hover {
    background: var(--sunken);
    color: var(--text);
  }
  button.danger {
    color: var(--danger);
    border-color: var(--danger);
  }
  button.danger:hover {
    background: var(--danger-wash);
  }
  button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  button[aria-busy="true"] {
    cursor: progress;
  }

  .badge {
    display: inline-flex;
    align-items: center;
    gap: 0.25rem;
    font-size: 0.84em;
    font-weight: 550;
    line-height: 1.4;
    border-radius: 99px;
    padding: 0.1rem 0.6rem;
    background: var(--sunken);
    color: var(--muted);
    white-space: nowrap;
    border: 1px solid transparent;
  }
  .badge.good {
    background: var(--success-wash);
    color: var(--success);
  }
  .badge.warn {
    background: var(--warning-wash);
    color: var(--warning);
  }
  .badge.bad {
    background: var(--danger-wash);
    color: var(--danger);
  }

  .rows > li {
    padding: 0.6rem 0;
    border-top: 1px solid var(--line);
    display: flex;
    gap: 0.35rem 0.8rem;
    align-items: flex-start;
  }
  .rows > li:first-child {
    border-top: 0;
  }
  .rows > li:last-child {
    padding-bottom: 0.1rem;
  }
  .grow {
    flex: 1;
    min-width: 0;
  }
  .title {
    font-weight: 550;
  }
  .quote {
    margin-top: 0.3rem;
    padding-inline-start: 0.7rem;
    border-inline-start: 3px solid var(--line);
    color: var(--muted);
    font-size: 0.92em;
    white-space: pre-line;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem;
    align-items: center;
  }
  .rows .buttons button {
    font-size: 0.88em;
    min-height: 1.85rem;
    padding-inline: 0.65rem;
  }
  @container (width < 22rem) {
    .rows .buttons {
      gap: 0.25rem;
    }
    .rows .buttons button {
      padding-inline: 0.45rem;
      font-size: 0.84em;
    }
  }
  details > summary {
    cursor: pointer;
    color: var(--muted);
    font-size: 0.92em;
    padding: 0.3rem 0;
    border-radius: 4px;
    width: fit-content;
  }
  details > summary:hover {
    color: var(--text);
  }

  .notice {
    background: var(--sunken);
    border-radius: var(--control-radius);
    padding: 0.55rem 0.8rem;
    font-size: 0.94em;
  }
  .notice.warn {
    background: var(--warning-wash);
    color: var(--warning);
  }
  .notice.bad,
  .alert {
    background: var(--danger-wash);
    color: var(--danger);
    border-radius: var(--control-radius);
    padding: 0.55rem 0.8rem;
    font-size: 0.94em;
  }
  .notice:has(button),
  .alert:has(button) {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.3rem 0.6rem;
  }

  form.fields {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(13rem, 100%), 1fr));
    gap: 0.75rem 0.9rem;
    margin: 0.5rem 0;
  }
  form.inset {
    background: var(--sunken);
    border-radius: var(--control-radius);
    padding: 0.9rem;
  }
  .wide {
    grid-column: 1 / -1;
  }
  .field > label,
  .legend {
    display: block;
    font-size: 0.88em;
    font-weight: 550;
    margin-bottom: 0.2rem;
  }
  .hint {
    color: var(--muted);
    font-size: 0.84em;
    margin-top: 0.2rem;
  }
  .wrong {
    color: var(--danger);
    font-size: 0.86em;
    margin-top: 0.2rem;
  }
  input:not([type="checkbox"], [type="radio"]),
  textarea,
  select {
    font: inherit;
    color: inherit;
    background: var(--surface);
    width: 100%;
    min-height: 2.2rem;
    padding: 0.35rem 0.6rem;
    border: 1px solid var(--control-line);
    border-radius: var(--control-radius);
  }
  textarea {
    resize: vertical;
    display: block;
    field-sizing: content;
    min-height: 3.4rem;
    max-height: 18rem;
  }
  [aria-invalid="true"] {
    border-color: var(--danger) !important;
    box-shadow: 0 0 0 1px var(--danger);
  }
  .check {
    display: flex;
    gap: 0.5rem;
    align-items: baseline;
    font-size: 0.94em;
    min-height: 1.6rem;
  }
  input[type="checkbox"],
  input[type="radio"] {
    accent-color: var(--accent);
    width: 1.05em;
    height: 1.05em;
    flex: none;
    margin: 0;
    position: relative;
    top: 0.15em;
  }

  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 0.3rem;
    align-items: center;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    background: var(--sunken);
    border-radius: 99px;
    padding: 0.1rem 0.65rem;
    font-size: 0.92em;
    min-height: 1.75rem;
    max-width: 100%;
  }
  .chip button {
    min-height: 1.6rem;
    min-width: 1.6rem;
    padding: 0;
    border: 0;
    border-radius: 99px;
    background: none;
    margin-inline: 0.15rem -0.5rem;
    color: var(--muted);
  }
  .chip button:hover {
    color: var(--text);
    background: color-mix(in oklab, var(--text) 10%, var(--sunken));
  }

  .new-chip {
    width: 7rem !important;
    min-height: 1.75rem !important;
    border-radius: 99px !important;
    border-style: dashed !important;
    font-size: 0.92em !important;
    padding: 0.05rem 0.7rem !important;
  }

  .bone {
    border-radius: 5px;
    background: var(--sunken);
    height: 0.95em;
    margin: 0.65rem 0;
  }
  .bone:nth-child(3n + 1) {
    width: 72%;
  }
  .bone:nth-child(3n + 2) {
    width: 54%;
  }
  .bone:nth-child(3n) {
    width: 63%;
  }
  .toast {
    position: fixed;
    z-index: 2147483000;
    inset: auto 1rem calc(1rem + env(safe-area-inset-bottom));
    margin-inline: auto;
    width: fit-content;
    max-width: min(34rem, calc(100% - 2rem));
    display: flex;
    align-items: center;
    gap: 0.9rem;
    padding: 0.6rem 0.8rem 0.6rem 1rem;
    border-radius: var(--radius);
    background: var(--text);
    color: var(--surface);
    box-shadow: 0 6px 28px rgb(0 0 0 / 28%);
    font-size: 0.94em;
  }
  .toast button {
    flex: none;
    background: none;
    color: inherit;
    border-color: color-mix(in oklab, var(--surface) 55%, transparent);
  }
  .toast button:hover {
    background: color-mix(in oklab, var(--surface) 16%, var(--text));
  }
  .toast :focus-visible {
    outline-color: var(--surface);
  }

  @media (prefers-reduced-motion: no-preference) {
    button {
      transition: background-color 120ms;
    }
    .bone {
      animation: breathe 1.4s ease-in-out infinite alternate;
    }
    .toast {
      animation: rise 160ms ease-out;
    }
    @keyframes breathe {
      from {
        opacity: 1;
      }
      to {
        opacity: 0.5;
      }
    }
    @keyframes rise {
      from {
        translate: 0 0.6rem;
        opacity: 0;
      }
    }
  }
  @media (forced-colors: active) {
    .card,
    .badge,
    .chip,
    .notice,
    .alert,
    .toast,
    button {
      border: 1px solid;
    }
    .bone {
      border: 1px solid GrayText;
    }
    .badge.bad,
    .notice.bad,
    .alert {
      border-width: 2px;
    }
  }
`;
