// What was typed and not yet saved, in memory and in the storage of this tab, so that it outlives a navigation.
//
// It is stored only where the viewer is known: another user of the same tab must not see it.

/** @type {Map<string, unknown>} */
const memory = new Map();

/** Where the browser keeps texts. @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} StorageArea */

export class TabStorage {
  /**
   * @param {string | null} viewer the key of the current user
   * @param {() => StorageArea} [area] throws where the browser stores nothing for pages
   */
  constructor(viewer, area = () => sessionStorage) {
    this.prefix = `relationships:${viewer ?? ""}:`;
    this.isLasting = viewer !== null && viewer !== "";
    this.area = area;
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
        const text = this.area().getItem(key);
        if (text !== null) memory.set(key, JSON.parse(text));
      } catch {
        // Nothing is stored, or no JSON. Memory remains.
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
      this.area().setItem(key, JSON.stringify(value));
    } catch {
      // The storage is full or not allowed. Memory remains.
    }
  }

  /** @param {string} name */
  remove(name) {
    memory.delete(this.prefix + name);
    try {
      this.area().removeItem(this.prefix + name);
    } catch {
      // Storage is not allowed, so nothing is stored.
    }
  }
}
