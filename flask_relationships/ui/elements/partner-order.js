// The order of a client's partners.

/** @import { Partner } from "../types/api.js" */

/**
 * @typedef {"partner_company_name" | "partner_contact_name" | "relationship_type" | "estimated_deal_size"
 *   | "notes"} Column
 */

/** @typedef {{ column: Column, isDescending: boolean }} Order */

/**
 * Return the order after a column's heading was pressed: the largest deal comes first.
 * @param {Order} order
 * @param {Column} column
 */
export function nextOrder(order, column) {
  const isDescending = order.column === column ? !order.isDescending : column === "estimated_deal_size";
  return { column, isDescending };
}

/**
 * Return the partners in an order. Empty values come last in both directions.
 * @param {Partner[]} partners
 * @param {Order} order
 */
export function sortPartners(partners, { column, isDescending }) {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  return [...partners].sort((one, other) => {
    const [a, b] = [one[column], other[column]];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const order = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
    return isDescending ? -order : order;
  });
}

/** Return the sum of all estimated deals. @param {Partner[]} partners */
export function totalDeal(partners) {
  return partners.reduce((sum, partner) => sum + (partner.estimated_deal_size ?? 0), 0);
}
