import { expect, it } from 'vitest';
import { ReceiverWatch } from '../../../src/telemetry/receiver-watch.js';

it('a receiver that goes down and comes back is told of once each, without its credentials', () => {
  const told: string[] = [];
  const watch = new ReceiverWatch('http://me:hush@collector:4318/', (message) => told.push(message));
  expect(watch.at('v1/traces')).toEqual({ url: 'http://me:hush@collector:4318/v1/traces' });
  let code = 0;
  const exporter = watch.watched({
    export: (_: string, done: (result: { code: number; error?: Error }) => void) =>
      done(code === 0 ? { code } : { code, error: new Error('connect ECONNREFUSED') }),
  });
  const results: number[] = [];
  for (const next of [0, 1, 1, 1, 0, 0]) {
    code = next;
    exporter.export('items', (result) => results.push(result.code));
  }
  expect(results).toEqual([0, 1, 1, 1, 0, 0]);
  expect(told).toEqual([
    'telemetry: http://collector:4318 does not take metrics and traces (connect ECONNREFUSED); the run goes on without',
    'telemetry: http://collector:4318 takes metrics and traces again',
  ]);
});
