/** Numbers as people read them. */

export function fixed(value: number | null | undefined, digits = 3): string {
  return value === null || value === undefined ? '-' : value.toFixed(digits);
}

/** 0.0123 -> `1.2 %`; small shares keep two figures. */
export function percent(share: number | null): string {
  if (share === null) return '-';
  const value = share * 100;
  const digits = value === 0 ? 0 : value >= 1 ? 1 : Math.min(4, 1 - Math.floor(Math.log10(value)));
  return `${value.toFixed(digits)} %`;
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** `1 click`, `2 clicks`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

export function dateTime(ms: number | null): string {
  return ms === null ? '-' : new Date(ms).toISOString().replace(/\.000Z$/, 'Z');
}

/** A length of time in its largest unit that fits: `1.5 h`. */
export function duration(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ] as const;
  const [unitMs, name] = units.find(([unit]) => ms >= unit) ?? [1, 'ms'];
  return `${Number((ms / unitMs).toFixed(1))} ${name}`;
}

/** Columns padded to their widest cell; the first is left-aligned, the others right-aligned. */
export function table(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  return rows.map((row) =>
    (
      indent + row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
    ).trimEnd(),
  );
}

/** Lines of at most `width` characters, broken at spaces; a longer word stands alone. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
