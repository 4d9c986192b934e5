import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTimeParser } from '../../../../src/sources/files/event-time.js';

const parser = (format: string, timeZone = 'UTC') => compileTimeParser({ format, timeZone });
const date = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

describe('event times', () => {
  it('in ISO form and by pattern agree with Date', () => {
    const iso = parser('iso');
    const pattern = parser('yyyy-MM-dd HH:mm:ss.SSS', '-03:30');
    const minutes = parser('yyyyMMddHHmm');
    const day = parser('yyyy/MM/dd', '+08:00');
    fc.assert(
      fc.property(date, (value) => {
        const text = value.toISOString();
        const time = value.getTime();
        expect(iso(text)).toBe(time);
        expect(pattern(text.replace('T', ' ').slice(0, -1))).toBe(time + 3.5 * 3_600_000);
        const upToMinute = text.replaceAll(/[-T:]/g, '').slice(0, 12);
        expect(minutes(upToMinute)).toBe(Math.floor(time / 60_000) * 60_000);
        expect(minutes(Number(upToMinute))).toBe(upToMinute.startsWith('0') ? Number.NaN : minutes(upToMinute));
        expect(day(text.slice(0, 10).replaceAll('-', '/'))).toBe(
          Math.floor(time / 86_400_000) * 86_400_000 - 8 * 3_600_000,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('in ISO form may leave parts out and carry offsets', () => {
    const iso = parser('iso', '+01:00');
    expect(iso('2022-06-08')).toBe(Date.UTC(2022, 5, 7, 23));
    expect(iso('2022-06-08 12:30')).toBe(Date.UTC(2022, 5, 8, 11, 30));
    expect(iso('2022-06-08T12:30:15Z')).toBe(Date.UTC(2022, 5, 8, 12, 30, 15));
    expect(iso('2022-06-08T12:30:15.1234567+0530')).toBe(Date.UTC(2022, 5, 8, 7, 0, 15, 123));
    expect(iso('2022-06-08T12:30:15-08:00')).toBe(Date.UTC(2022, 5, 8, 20, 30, 15));
  });

  it('since the epoch are integers or decimals, as text or number', () => {
    const ms = parser('ms');
    const s = parser('s');
    for (const value of ['1506826800026', 1506826800026, 1506826800026n, '1506826800026.0'])
      expect(ms(value)).toBe(1506826800026);
    expect(s('828124615')).toBe(828124615000);
    expect(s('828124615.25')).toBe(828124615250);
    expect(ms('-5')).toBe(-5);
    expect(ms(new Date(7))).toBe(7);
  });

  it('are none when anything is wrong with them', () => {
    for (const bad of [
      '',
      ' 1',
      '1 ',
      '1e3',
      '0x10',
      'x',
      '99999999999999999',
      true,
      null,
      undefined,
      {},
      Number.NaN,
      Infinity,
    ]) {
      expect(parser('ms')(bad)).toBeNaN();
    }
    const bad = [
      '2022-02-29',
      '2022-13-01',
      '2022-00-10',
      '2022-04-31',
      '1900-02-29',
      '2022-1-1',
      '2022-01-01T24:00',
      'now',
      5,
    ];
    for (const value of bad) expect(parser('iso')(value)).toBeNaN();
    for (const value of ['2022060815', '202206081560', '20220608152x', '202206311200', '2022-06-08 1', null]) {
      expect(parser('yyyyMMddHHmm')(value)).toBeNaN();
    }
    expect(parser('yyyy-MM-dd')('2022/06/08')).toBeNaN();
    expect(parser('iso')('2000-02-29')).toBe(Date.UTC(2000, 1, 29));
  });

  it('need a format and a fixed zone', () => {
    expect(() => parser('dd.MM.yyyy')).toThrow(expect.objectContaining({ code: 'DADIN_CONFIG_INVALID' }));
    expect(() => parser('ms', 'Europe/Berlin')).toThrow(expect.objectContaining({ code: 'DADIN_CONFIG_INVALID' }));
  });
});
