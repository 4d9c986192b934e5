import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { chartScript, chartStyle, webFile } from '../report/index.js';

export interface LivePage {
  readonly html: string;
  /** Nothing runs but the page's own script, nothing is asked for but its own feed. */
  readonly contentSecurityPolicy: string;
}

/** The live page in one document: no build step, no other file, nothing from elsewhere. */
export async function livePage(): Promise<LivePage> {
  const script = `${await chartScript()}\n${await readFile(webFile('live.js'), 'utf8')}`;
  const style = await chartStyle();
  const html = (await readFile(webFile('live.html'), 'utf8'))
    .replace('/* style */', () => style)
    .replace('/* script */', () => script);
  return {
    html,
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
      "style-src 'unsafe-inline'",
      "connect-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}
