type Close = () => Promise<void> | void;

/**
 * Runs `work`, then closes what it gave to `atEnd`, newest first and all of it whatever fails: a full disk must not leave
 * a thread or a lock behind. Rejects with the first failure; later ones follow from it.
 */
export async function closingAtEnd<T>(work: (atEnd: (close: Close) => void) => Promise<T>): Promise<T> {
  const toClose: Close[] = [];
  const failures: unknown[] = [];
  const result = await work((close) => toClose.unshift(close)).catch((error: unknown) => {
    failures.push(error);
  });
  for (const close of toClose) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return result as T;
}
