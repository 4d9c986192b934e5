const BARS = '▁▂▃▄▅▆▇█';

/** The last `width` values as bars between `low` and `high`; a gap where there is no value. */
export function sparkline(values: readonly (number | null)[], width: number, low: number, high: number): string {
  return values
    .slice(-width)
    .map((value) => {
      if (value === null) return ' ';
      const level = Math.floor(((value - low) / (high - low)) * BARS.length);
      return BARS[Math.max(0, Math.min(BARS.length - 1, level))];
    })
    .join('');
}
