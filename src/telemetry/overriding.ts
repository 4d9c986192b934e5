/** `target` with some of its methods in other words; all else is the target's own, private fields included. */
export function overriding<T extends object>(target: T, changes: Partial<T>): T {
  const bound = new Map<PropertyKey, unknown>();
  return new Proxy(target, {
    get(object, key) {
      if (Object.hasOwn(changes, key)) return changes[key as keyof T];
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function') return value;
      if (!bound.has(key)) bound.set(key, value.bind(object));
      return bound.get(key);
    },
  });
}
