import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Path of a file in `web/`, from the sources and from the built package alike. */
export function webFile(name: string): string {
  return require.resolve(`#web/${name}`);
}

/** uPlot and the charts drawn with it, as one script to inline. */
export async function chartScript(): Promise<string> {
  return `${await readFile(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8')}\n${await readFile(webFile('charts.js'), 'utf8')}`;
}

/** Styles of charts and pages, to inline. */
export async function chartStyle(): Promise<string> {
  return `${await readFile(require.resolve('uplot/dist/uPlot.min.css'), 'utf8')}\n${await readFile(webFile('style.css'), 'utf8')}`;
}
