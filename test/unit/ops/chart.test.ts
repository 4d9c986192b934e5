import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/config/index.js';

const CHART = 'ops/helm/dadin-stream';
const values = parse(readFileSync(`${CHART}/values.yaml`, 'utf8')) as Readonly<Record<string, unknown>>;
const templates = readdirSync(`${CHART}/templates`).map(
  (name) => [name, readFileSync(`${CHART}/templates/${name}`, 'utf8')] as const,
);
const manifests = templates.filter(([name]) => name.endsWith('.yaml'));
const actions = (text: string) => [...text.matchAll(/\{\{-?\s*(.*?)\s*-?\}\}/gs)].map(([, action]) => action!);

/** The YAML of a template with a word for every action, and without those that stand on a line of their own. */
function skeleton(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*\{\{.*\}\}\s*$/.test(line))
    .join('\n')
    .replaceAll(/\{\{.*?\}\}/g, 'value');
}

// a full rendering needs Go's template engine
describe.each(templates)('chart: %s', (_, text) => {
  it('names values that values.yaml has', () => {
    for (const [, path] of text.matchAll(/\.Values\.([\w.]+)/g)) {
      const found = path!.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], values);
      expect(found, path).toBeDefined();
    }
  });

  it('includes what the helpers define, and ends what it begins', () => {
    const defined = new Set(templates.flatMap(([, t]) => [...t.matchAll(/define "([^"]+)"/g)].map(([, name]) => name)));
    for (const [, name] of text.matchAll(/include "([^"]+)"/g)) expect(defined).toContain(name);
    const opened = actions(text).filter((action) => /^(if|with|range|define)\b/.test(action)).length;
    expect(actions(text).filter((action) => action === 'end')).toHaveLength(opened);
    expect(text.match(/\{\{/g)).toHaveLength(text.match(/\}\}/g)!.length);
  });
});

describe('the chart', () => {
  it.each(manifests)('%s is YAML of one object with the labels of the chart', (_, text) => {
    const object = parse(skeleton(text)) as { kind: string; apiVersion: string };
    expect([object.kind, object.apiVersion]).toEqual([expect.any(String), expect.any(String)]);
    expect(text).toContain('labels: {{- include "dadin-stream.labels" . | nindent 4 }}');
  });

  it('uses every value', () => {
    const used = new Set(templates.flatMap(([, text]) => [...text.matchAll(/\.Values\.(\w+)/g)].map(([, key]) => key)));
    expect([...used].sort()).toEqual(Object.keys(values).sort());
  });

  it('brings a configuration that is one, on the port of the image', () => {
    const config = parseConfig(values['config'] as string, 'values.yaml', { env: {}, overrides: [] });
    expect(config.input.kafka.topics.map(({ domain }) => domain)).toEqual(['target', 'source']);
    const [port] = /(?<=EXPOSE )\d+/.exec(readFileSync('ops/docker/Dockerfile', 'utf8'))!;
    for (const name of ['deployment.yaml', 'service.yaml'])
      expect(templates.find(([file]) => file === name)![1]).toMatch(new RegExp(`[pP]ort: ${port}\\b`));
  });
});
