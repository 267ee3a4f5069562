// Changes that are shown before the API has stored them.

/** Ids of rows that are hidden until the API has answered, or until the change is undone. */
export class HiddenRows {
  /** @type {Set<string>} */
  #ids = new Set();

  /** @param {Iterable<string>} ids */
  hide(ids) {
    for (const id of ids) this.#ids.add(id);
  }

  /** @param {Iterable<string>} ids */
  release(ids) {
    for (const id of ids) this.#ids.delete(id);
  }

  clear() {
    this.#ids.clear();
  }

  /** @param {string} id */
  has(id) {
    return this.#ids.has(id);
  }

  /**
   * Return the rows that are not hidden.
   * @template {{ id: string }} Row
   * @param {Row[]} rows
   */
  visible(rows) {
    return rows.filter(({ id }) => !this.#ids.has(id));
  }
}

/**
 * A value that is shown at once and sent afterwards. Changes are sent one after another, each as a whole, so that of
 * quick changes the last one is stored.
 * @template Value
 */
export class OptimisticValue {
  #sending = Promise.resolve();
  #changes = 0;

  /** @param {(value: Value) => void} show */
  constructor(show) {
    this.show = show;
  }

  /**
   * Show a value and send it. Show the one before where it was not stored, unless another change has followed.
   * @param {Value} before
   * @param {Value} after
   * @param {() => Promise<boolean>} send returns whether the value was stored
   * @param {() => void} [onTakenBack] called before the value before is shown again
   * @returns {Promise<void>} ends once it was sent
   */
  change(before, after, send, onTakenBack) {
    const own = ++this.#changes;
    this.show(after);
    this.#sending = this.#sending.then(async () => {
      if ((await send()) || own !== this.#changes) return;
      onTakenBack?.();
      this.show(before);
    });
    return this.#sending;
  }
}
