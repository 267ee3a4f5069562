// What was typed and not yet saved, in memory and in the storage of this tab, so that it outlives a navigation.
//
// It is stored only where the viewer is known: another user of the same tab must not see it.

/** @type {Map<string, unknown>} */
const memory = new Map();

export class TabStorage {
  /** @param {string | null} viewer the key of the current user */
  constructor(viewer) {
    this.prefix = `relationships:${viewer ?? ""}:`;
    this.isLasting = viewer !== null && viewer !== "";
  }

  /**
   * Return a value, which the caller has set as this type.
   * @template Value
   * @param {string} name
   * @returns {Value | undefined}
   */
  get(name) {
    const key = this.prefix + name;
    if (!memory.has(key) && this.isLasting) {
      try {
        const text = sessionStorage.getItem(key);
        if (text !== null) memory.set(key, JSON.parse(text));
      } catch {
        // The browser stores nothing for pages. Memory remains.
      }
    }
    return /** @type {Value | undefined} */ (memory.get(key));
  }

  /** @param {string} name @param {unknown} value anything that JSON can hold */
  set(name, value) {
    const key = this.prefix + name;
    memory.set(key, value);
    if (!this.isLasting) return;
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      // The storage is full or not allowed. Memory remains.
    }
  }

  /** @param {string} name */
  remove(name) {
    memory.delete(this.prefix + name);
    try {
      sessionStorage.removeItem(this.prefix + name);
    } catch {
      // Storage is not allowed, so nothing is stored.
    }
  }
}
