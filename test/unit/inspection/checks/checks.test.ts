import { describe, expect, it } from 'vitest';
import { defaultConfig, parseConfig } from '../../../../src/config/index.js';
import type { ClickEvent } from '../../../../src/core/index.js';
import { checkFeatures, checkItems, checkUsers } from '../../../../src/inspection/checks/check-domains.js';
import { checkJoin, checkLabels } from '../../../../src/inspection/checks/check-labels.js';
import { checkDecoding, checkDuplicates, checkOrder } from '../../../../src/inspection/checks/check-records.js';
import { checkTime } from '../../../../src/inspection/checks/check-time.js';
import { censusOf, event } from './census.js';

const CONFIG = defaultConfig();
const stream = (count: number, change: (i: number) => Partial<ClickEvent>) =>
  censusOf(Array.from({ length: count }, (_, i) => event(i, change(i))));
const bothDomains = (i: number) => ({ domain: i % 2 === 0 ? ('target' as const) : ('source' as const) });

describe('labels', () => {
  const statuses = (census: ReturnType<typeof censusOf>) => checkLabels(census, CONFIG).map(({ status }) => status);

  it('of both classes in both domains pass', () => {
    expect(statuses(stream(4000, (i) => ({ ...bothDomains(i), clicked: i % 6 < 2 })))).toEqual(['PASS', 'PASS']);
  });

  it('clicks alone fail, with what to do', () => {
    const [check] = checkLabels(
      stream(100, () => ({ clicked: true })),
      CONFIG,
    );
    expect(check).toMatchObject({ status: 'FAIL', summary: expect.stringContaining('no negatives') });
    expect(check?.remedy).toMatch(/log what was shown[\s\S]*sample negatives[\s\S]*columns.label/);
  });

  it('of a log declared to be clicks only are not blamed on the mapping', () => {
    const config = parseConfig(
      `input: {kind: files, files: [{domain: target, paths: [a.csv], columns: {userId: u, itemId: i, eventTime: {column: t, format: s}, label: {always: clicked}}}]}`,
      'x.yaml',
    );
    const [check] = checkLabels(
      stream(100, () => ({ clicked: true })),
      config,
    );
    expect(check?.remedy).toContain('this log holds clicks only');
    expect(check?.remedy).not.toContain('columns.label');
  });

  it('the head of a longer log may lack a class by chance', () => {
    const census = stream(100, () => ({ clicked: false }));
    census.isCut = true;
    expect(checkLabels(census, CONFIG)[0]).toMatchObject({ status: 'WARN', remedy: 'read more with --max-events' });
  });

  it('no click fails, a domain without rows fails, few or strange ones warn', () => {
    expect(statuses(stream(100, () => ({ clicked: false })))).toEqual(['FAIL', 'FAIL']);
    expect(statuses(stream(100, (i) => ({ clicked: i % 2 === 0 })))[0]).toBe('WARN');
    expect(statuses(stream(10_000, (i) => ({ clicked: i % 100 > 0 })))[0]).toBe('WARN');
  });
});

describe('records', () => {
  const withBad = (bad: number, code: 'DADIN_RECORD_FIELD' | 'DADIN_RECORD_LATE') => {
    const census = stream(100, () => ({}));
    for (let i = 0; i < bad; i++) {
      census.records++;
      census.reject({ bad: { code, reason: 'why', original: null }, partition: 0, position: BigInt(i) }, 'log.csv');
    }
    return census;
  };

  it('bad ones warn, many fail, with examples', () => {
    expect(checkDecoding(withBad(0, 'DADIN_RECORD_FIELD')).status).toBe('PASS');
    const few = checkDecoding(withBad(5, 'DADIN_RECORD_FIELD'));
    expect(few.status).toBe('WARN');
    expect(few.details).toEqual(['DADIN_RECORD_FIELD 5', ...[0, 1, 2].map((i) => `  log.csv:${i}: why`)]);
    expect(checkDecoding(withBad(50, 'DADIN_RECORD_FIELD')).status).toBe('FAIL');
  });

  it('late ones are a matter of order', () => {
    expect(checkDecoding(withBad(50, 'DADIN_RECORD_LATE')).status).toBe('PASS');
    expect(checkOrder(withBad(5, 'DADIN_RECORD_LATE'), []).status).toBe('WARN');
    expect(checkOrder(withBad(50, 'DADIN_RECORD_LATE'), []).status).toBe('FAIL');
    const sorted = checkOrder(withBad(0, 'DADIN_RECORD_LATE'), [
      { partition: 'a.csv', sorted: true, outOfOrder: 7, spilledRuns: 0 },
    ]);
    expect(sorted).toMatchObject({
      status: 'PASS',
      details: ['a.csv: 7 earlier than one before them, sorted on the way in'],
    });
  });

  it('repeated ids warn when there are many', () => {
    const ids = (distinct: number) => stream(100, (i) => ({ row: -1, eventId: `e${i % distinct}` }));
    expect(checkDuplicates(ids(100))).toMatchObject({ status: 'PASS', summary: 'no event id comes twice' });
    expect(checkDuplicates(ids(98)).summary).toBe('2 events (2.0 %) with an id seen before, to be dropped');
    expect(checkDuplicates(ids(50)).status).toBe('WARN');
  });
});

describe('time', () => {
  it('passes side by side', () => {
    expect(checkTime(stream(200, bothDomains))).toMatchObject({ status: 'PASS' });
  });

  it('in 1970 warns about the unit', () => {
    expect(checkTime(stream(10, (i) => ({ eventTimeMs: i }))).remedy).toContain('eventTime.format');
  });

  it('fails when the domains are apart', () => {
    expect(checkTime(stream(200, (i) => ({ domain: i < 100 ? 'target' : 'source' }))).status).toBe('FAIL');
  });

  it('warns of a long silence', () => {
    const census = stream(200, (i) => ({
      ...bothDomains(i),
      eventTimeMs: Date.UTC(2024, 0) + i * 1000 + (i > 99 ? 9e6 : 0),
    }));
    expect(checkTime(census)).toMatchObject({ status: 'WARN', summary: 'nothing happens for 2.5 h' });
  });
});

describe('join', () => {
  const messages = (clickId: (i: number) => string, delayMs = 1000) =>
    censusOf(
      Array.from({ length: 100 }, (_, i) => [
        event(2 * i, { impressionId: `r${i}`, clicked: null }),
        event(2 * i + 1, { kind: 'click', impressionId: clickId(i), eventTimeMs: event(2 * i).eventTimeMs + delayMs }),
      ]).flat(),
    );

  it('is no matter where no click is a message', () => {
    expect(
      checkJoin(
        stream(10, () => ({})),
        CONFIG,
      ),
    ).toEqual([]);
  });

  it.each([
    ['PASS', messages((i) => `r${i}`)],
    ['WARN', messages((i) => `r${i}`, 61_000)],
    ['WARN', messages((i) => (i % 10 === 0 ? `x${i}` : `r${i}`))],
    ['FAIL', messages((i) => `x${i}`)],
  ])('%s', (status, census) => {
    expect(checkJoin(census, CONFIG)[0]?.status).toBe(status);
  });
});

describe('domains', () => {
  it('users in both pass, none in both fails with examples', () => {
    expect(checkUsers(stream(100, bothDomains)).status).toBe('PASS');
    const apart = checkUsers(stream(100, (i) => ({ ...bothDomains(i), userId: `${i % 2}-${i}` })));
    expect(apart.status).toBe('FAIL');
    expect(apart.details.at(-1)).toBe('examples: target 0-0 0-2 0-4, source 1-1 1-3 1-5');
  });

  it('items that are shown once warn', () => {
    expect(checkItems(stream(3000, (i) => ({ itemId: `i${i % 50}` }))).status).toBe('PASS');
    expect(checkItems(stream(3000, (i) => ({ itemId: `i${i}` }))).status).toBe('WARN');
  });

  it('features that say nothing, or share nothing, warn', () => {
    const feature = (value: (i: number) => string) =>
      stream(3000, (i) => ({ ...bothDomains(i), itemFeatures: [{ name: 'f', values: [value(i)] }] }));
    expect(
      checkFeatures(
        feature((i) => `${i % 7}`),
        ['f'],
      ).status,
    ).toBe('PASS');
    expect(
      checkFeatures(
        feature(() => 'same'),
        [],
      ).details[0],
    ).toContain('one value only');
    expect(
      checkFeatures(
        feature((i) => `${i}`),
        [],
      ).details[0],
    ).toContain('nearly a value a row');
    expect(
      checkFeatures(
        feature((i) => `${i % 2} ${i % 5}`),
        ['f'],
      ),
    ).toMatchObject({
      status: 'WARN',
      summary: 'shared f of doubtful use',
    });
    expect(checkFeatures(stream(10, bothDomains), []).summary).toBe('none but the ids');
  });
});
