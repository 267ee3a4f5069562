// Many requests, a few at a time.

/**
 * Run something for each item, a few at the same time. An item that fails does not stop the others.
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => Promise<unknown>} run
 * @param {number} [concurrency]
 * @returns {Promise<{ succeeded: Item[], errors: unknown[] }>}
 */
export async function inParallel(items, run, concurrency = 4) {
  const waiting = [...items];
  /** @type {Item[]} */
  const succeeded = [];
  /** @type {unknown[]} */
  const errors = [];
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await run(item);
        succeeded.push(item);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return { succeeded, errors };
}
