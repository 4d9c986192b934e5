import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { INSTRUMENTS, prometheusName } from '../../../src/telemetry/instruments.js';

const alertsText = readFileSync('ops/prometheus/alerts.yml', 'utf8');
const alerts = (parse(alertsText) as Alerts).groups.flatMap(({ rules }) => rules);
const dashboardText = readFileSync('ops/grafana/dashboard.json', 'utf8');

interface Alerts {
  readonly groups: readonly { readonly rules: readonly Alert[] }[];
}
interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook: string };
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}

/** Names that /metrics has, parts of histograms included. */
const known = new Set(
  Object.values(INSTRUMENTS).flatMap((instrument) => {
    const name = prometheusName(instrument);
    return instrument.kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name];
  }),
);
const namesIn = (text: string) => text.match(/\b(dadin|messaging)_[a-z_]+\b/g) ?? [];

describe('what ops/ names exists', () => {
  it('in alerts', () => {
    for (const { alert, expr } of alerts) {
      const names = namesIn(expr);
      expect(names.length, alert).toBeGreaterThan(0);
      for (const name of names) expect(known, `${alert} names ${name}`).toContain(name);
    }
  });

  it('in every panel of the dashboard', () => {
    const { panels } = JSON.parse(dashboardText) as Dashboard;
    const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
    expect(queries.length).toBeGreaterThan(20);
    for (const { title, expr } of queries) {
      expect(namesIn(expr).length, title).toBeGreaterThan(0);
      for (const name of namesIn(expr)) expect(known, `${title} shows ${name}`).toContain(name);
    }
  });

  it('in runbooks: a page an alert, an alert a page', () => {
    const pages = readdirSync('docs/runbook').map((page) => `docs/runbook/${page}`);
    expect(alerts.map(({ annotations }) => annotations.runbook).sort()).toEqual(pages.sort());
    for (const { alert, annotations } of alerts) {
      expect(readFileSync(annotations.runbook, 'utf8')).toContain(`# ${alert}\n`);
    }
  });
});

describe('alerts', () => {
  const promtool = ['.prometheus/usr/bin/promtool', 'promtool'].find(
    (path) => spawnSync(path, ['--version']).status === 0,
  );
  if (promtool === undefined) {
    console.warn(
      'SKIPPED: promtool is not here (package prometheus of Debian), alerts are not fired on recorded series',
    );
  }

  it.skipIf(promtool === undefined)('fire on recorded series, and none on a healthy one', () => {
    const output = execFileSync(promtool!, ['test', 'rules', 'ops/prometheus/alerts.test.yml'], { encoding: 'utf8' });
    expect(output).toContain('SUCCESS');
    const tested = readFileSync('ops/prometheus/alerts.test.yml', 'utf8');
    for (const { alert } of alerts) expect(tested).toContain(alert);
  });

  it.skipIf(promtool === undefined)('and queries of the dashboard are read by Prometheus', () => {
    const { panels } = JSON.parse(dashboardText) as Dashboard;
    const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr.replaceAll('$job', '.*')));
    const rules = { groups: [{ name: 'dashboard', rules: exprs.map((expr, i) => ({ record: `panel:${i}`, expr })) }] };
    const directory = mkdtempSync(join(tmpdir(), 'dadin-dashboard-'));
    writeFileSync(join(directory, 'rules.yml'), JSON.stringify(rules));
    const { stdout, stderr } = spawnSync(promtool!, ['check', 'rules', join(directory, 'rules.yml')], {
      encoding: 'utf8',
    });
    rmSync(directory, { recursive: true });
    expect(stdout + stderr).toContain('SUCCESS');
  });
});

it('the container and the unit start what the command line has', () => {
  const options = ['learning-options', 'run-command'].map((file) => readFileSync(`src/cli/${file}.ts`, 'utf8')).join();
  for (const file of ['ops/docker/Dockerfile', 'ops/systemd/dadin-stream.service']) {
    const flags = readFileSync(file, 'utf8').match(/--(config|checkpoints|port)\b/g);
    expect(new Set(flags), file).toEqual(new Set(['--config', '--checkpoints', '--port']));
    for (const flag of flags ?? []) expect(options).toContain(flag);
  }
});
