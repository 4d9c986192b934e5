import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guessTime, namedLikeTime, timeFormat } from '../../../../src/inspection/proposal/guess-time.js';
import { profile, profiles } from './sample.js';

const times = fc.array(fc.integer({ min: Date.UTC(2001, 9), max: Date.UTC(2033, 0) }), { minLength: 1, maxLength: 20 });
const digits = (ms: number, count: number) => new Date(ms).toISOString().replace(/\D/g, '').slice(0, count);

describe('the format of times', () => {
  const written: readonly (readonly [string, (ms: number) => string])[] = [
    ['ms', String],
    ['s', (ms) => String(Math.floor(ms / 1000))],
    ['iso', (ms) => new Date(ms).toISOString()],
    ['yyyyMMddHHmmssSSS', (ms) => digits(ms, 17)],
    ['yyyyMMddHHmmss', (ms) => digits(ms, 14)],
    ['yyyyMMddHHmm', (ms) => digits(ms, 12)],
    ['yyyyMMddHH', (ms) => digits(ms, 10)],
    ['yyyyMMdd', (ms) => digits(ms, 8)],
    ['yyyy/MM/dd HH:mm:ss', (ms) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/')],
  ];
  it.each(written)('%s is told from the values', (format, write) => {
    fc.assert(fc.property(times, (ms) => timeFormat(profile('t', ms.map(write))) === format));
  });

  it.each([['0', '17'], ['hello'], ['20221301'], ['1506826800026', 'never']])('%s is none', (...values) => {
    expect(timeFormat(profile('t', values))).toBeNull();
  });

  it('milliseconds of the nineties have twelve digits as minutes have', () => {
    expect(timeFormat(profile('t', ['828124615000', '829322340000']))).toBe('ms');
  });
});

describe('the column of the event time', () => {
  const ms = ['1506826800026', '1506826801702'];

  it('is the one with the likelier name', () => {
    const guess = guessTime(profiles({ sessionStart: ms, timestamp: ms }));
    expect(guess?.value).toEqual({ column: 'timestamp', format: 'ms' });
    expect(guess?.why).toContain('1506826800026');
  });

  it('is any that holds times where no name tells', () => {
    expect(guessTime(profiles({ colour: ['red', 'blue'], w: ms }))?.value.column).toBe('w');
  });

  it('may count from a start of its own, which is said', () => {
    const guess = guessTime(profiles({ timestamp: ['0', '17', '52'] }));
    expect(guess?.value).toEqual({ column: 'timestamp', format: 's' });
    expect(guess?.why).toContain('start of their own');
  });

  it('is none where there is none', () => {
    expect(guessTime(profiles({ colour: ['red', 'blue'] }))).toBeNull();
  });
});

it('a column that is named like the time is told of though its values cannot be read', () => {
  const columns = profiles({ 'Date/Time': ['01.03.2026 08:00:53', '02.03.2026 09:00:00'], x: ['1', '2'] });
  expect(guessTime(columns)).toBeNull();
  expect(namedLikeTime(columns)).toEqual({ value: 'Date/Time', why: 'by its name' });
});
