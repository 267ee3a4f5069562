// The next ninety days as a line with a dot for each event: a drawing whose label says the same in words.

import { addDays, formatDay, formatMonth } from "./dates.js";
import { svg } from "./dom.js";
import { formatList, t } from "./texts.js";
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

/** How many days the strip shows. */
export const STRIP_DAYS = 90;

/** The most dots of one day that stand above each other. */
const MAX_STACKED = 3;

/**
 * @template {{ title: string, days_until: number, next_occurrence: string }} Event
 * @param {Event[]} events
 * @param {string} now today as a civil date
 * @param {object} [options]
 * @param {boolean} [options.isRightToLeft] whether time runs leftwards, as the page is read
 * @param {(event: Event) => string} [options.nameOf] returns what an event is called in the label
 */
export function strip(events, now, { isRightToLeft = false, nameOf = (event) => event.title } = {}) {
  const near = events.filter((event) => event.days_until <= STRIP_DAYS);
  if (!near.length) return null;
  const names = near.map((event) => `${nameOf(event)}, ${formatDay(event.next_occurrence)}`);
  const label = t("The next {days} days: {events}", { days: STRIP_DAYS, events: formatList(names) });
  /** @param {number} days */
  const x = (days) => {
    const share = (days / STRIP_DAYS) * 96;
    return `${isRightToLeft ? 98 - share : 2 + share}%`;
  };
  const heights = stackHeights(near.map((event) => event.days_until));
  return svg(
    "svg",
    { class: "strip", part: "strip", role: "img", "aria-label": label },
    svg("line", { x1: x(0), x2: x(STRIP_DAYS), y1: 20, y2: 20 }),
    monthStarts(now).map(({ days, name }) => [
      svg("line", { class: "tick", x1: x(days), x2: x(days), y1: 15, y2: 25 }),
      // Nearer to an end it would stand over another text.
      days > 13 && days < 86 && svg("text", { x: x(days), y: 42, "text-anchor": "middle" }, name),
    ]),
    svg("text", { x: x(0), y: 42, "text-anchor": isRightToLeft ? "end" : "start" }, t("today")),
    near.map((event, place) => svg("circle", { cx: x(event.days_until), cy: 20 - (heights[place] ?? 0) * 8, r: 6 })),
  );
}

/** @param {string} now */
function monthStarts(now) {
  return Array.from({ length: STRIP_DAYS }, (_, place) => ({ days: place + 1, date: addDays(now, place + 1) }))
    .filter(({ date }) => date.endsWith("-01"))
    .map(({ days, date }) => ({ days, name: formatMonth(date) }));
}

/** Return how many dots each dot has below it. @param {number[]} days */
function stackHeights(days) {
  const counts = new Map();
  return days.map((day) => {
    const below = counts.get(day) ?? 0;
    counts.set(day, below + 1);
    return Math.min(below, MAX_STACKED - 1);
  });
}
