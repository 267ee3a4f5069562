// The next ninety days as a line with a dot for each event: a drawing whose label says the same in words.

import { day, month, plusDays } from "./dates.js";
import { svg } from "./dom.js";
import { listed, t } from "./texts.js";
import { css } from "./theme.js";

export const stripSheet = css`
  .strip {
    margin: 0.3rem 0 0.5rem;
    display: block;
    width: 100%;
    height: 3.1rem;
    overflow: visible;
    direction: ltr;
  }
  .strip line {
    stroke: var(--line);
    stroke-width: 2;
    stroke-linecap: round;
  }
  .strip .tick {
    stroke-width: 1.5;
  }
  .strip circle {
    fill: var(--accent);
    stroke: var(--surface);
    stroke-width: 2;
  }
  .strip text {
    fill: var(--muted);
    font-size: 0.72rem;
  }
  .tile {
    flex: none;
    width: 2.9rem;
    text-align: center;
    border: 1px solid var(--line);
    border-radius: var(--control-radius);
    overflow: hidden;
    line-height: 1.2;
    padding-bottom: 0.15rem;
  }
  .tile .month {
    display: block;
    background: var(--sunken);
    color: var(--muted);
    font-size: 0.74em;
    padding: 0.1rem 0;
  }
  .tile .day {
    display: block;
    font-weight: 650;
    font-size: 1.05em;
    padding-top: 0.1rem;
  }
  @media (forced-colors: active) {
    .strip {
      forced-color-adjust: none;
    }
    .strip line {
      stroke: CanvasText;
    }
    .strip circle {
      fill: Highlight;
      stroke: Canvas;
    }
    .strip text {
      fill: CanvasText;
    }
  }
`;

export const DAYS = 90;

/**
 * @param {{title: string, days_until: number, next_occurrence: string}[]} events
 * @param {string} now today as a civil date
 * @param {boolean} [rtl] whether time runs leftwards, as the page is read
 * @param {(event: any) => string} [name] what an event is called in the label
 */
export function strip(events, now, rtl = false, name = (event) => event.title) {
  const near = events.filter((event) => event.days_until <= DAYS);
  if (!near.length) return null;
  const label = t("The next {days} days: {events}", {
    days: DAYS,
    events: listed(near.map((event) => `${name(event)}, ${day(event.next_occurrence)}`)),
  });
  const at = (days) => `${rtl ? 98 - (days / DAYS) * 96 : 2 + (days / DAYS) * 96}%`;
  const months = [];
  for (let days = 1; days <= DAYS; days += 1) {
    const date = plusDays(now, days);
    if (date.endsWith("-01")) months.push({ days, words: month(date) });
  }
  const stacked = new Map();
  const dots = near.map((event) => {
    const height = stacked.get(event.days_until) ?? 0;
    stacked.set(event.days_until, height + 1);
    return svg("circle", { cx: at(event.days_until), cy: 20 - Math.min(height, 2) * 8, r: 6 });
  });
  return svg(
    "svg",
    { class: "strip", part: "strip", role: "img", "aria-label": label },
    svg("line", { x1: at(0), x2: at(DAYS), y1: 20, y2: 20 }),
    months.map(({ days, words }) => [
      svg("line", { class: "tick", x1: at(days), x2: at(days), y1: 15, y2: 25 }),
      days > 13 && days < 86 && svg("text", { x: at(days), y: 42, "text-anchor": "middle" }, words),
    ]),
    svg("text", { x: at(0), y: 42, "text-anchor": rtl ? "end" : "start" }, t("today")),
    dots,
  );
}
