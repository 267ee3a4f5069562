// What was typed and not yet saved: in memory, and in this tab's storage so that it outlives a navigation.
//
// Only where the viewer is known: whoever logs in next at the same tab must not be shown what somebody else wrote.

const memory = new Map();

export class Kept {
  /** @param {string | null} viewer the key of whoever is logged in */
  constructor(viewer) {
    this.prefix = `relationships:${viewer ?? ""}:`;
    this.lasting = viewer !== null && viewer !== "";
  }

  get(name) {
    const key = this.prefix + name;
    if (!memory.has(key) && this.lasting) {
      try {
        const text = sessionStorage.getItem(key);
        if (text !== null) memory.set(key, JSON.parse(text));
      } catch {
        // A browser that keeps nothing for pages: memory has to do.
      }
    }
    return memory.get(key);
  }

  set(name, value) {
    const key = this.prefix + name;
    memory.set(key, value);
    if (!this.lasting) return;
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      // Full, or not allowed.
    }
  }

  remove(name) {
    memory.delete(this.prefix + name);
    try {
      sessionStorage.removeItem(this.prefix + name);
    } catch {
      // Not allowed, so nothing is there.
    }
  }
}
