/**
 * A field as text: null where there is none (absent, null, empty), undefined where the value is not a scalar or not exact
 * (an integer beyond 2^53 has lost digits in JSON, so two ids might have become one).
 */
export function fieldText(value: unknown): string | null | undefined {
  if (typeof value === 'string') return value === '' ? null : value;
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') {
    return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? String(value) : undefined;
  }
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  return undefined;
}

/** floor(value / divisor) as text; null where there is no value, undefined where it is not a number. */
export function integerDivision(value: unknown, divisor: number): string | null | undefined {
  const text = fieldText(value);
  if (text === null || text === undefined) return text;
  const quotient = text.trim() === '' ? Number.NaN : Math.floor(Number(text) / divisor);
  return Number.isFinite(quotient) ? String(quotient) : undefined;
}
