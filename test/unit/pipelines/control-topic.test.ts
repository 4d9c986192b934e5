import { expect, it } from 'vitest';
import type { ControlAnswer, ControlOutcome } from '../../../pipelines/control.js';
import { listen } from '../../../pipelines/control-topic.js';
import type { ControlRequest } from '../../../src/core/index.js';
import type { LogRecord } from '../../../src/versions/index.js';

function topic(records: LogRecord[]) {
  return {
    name: 'commands',
    async append() {},
    async read() {
      return records.splice(0);
    },
    rewind() {},
    async close() {},
  };
}

async function heard(records: LogRecord[], isNew: boolean) {
  const requests: ControlRequest[] = [];
  const refused: string[] = [];
  const notices: string[] = [];
  const control = {
    async request(request: ControlRequest): Promise<ControlAnswer> {
      requests.push(request);
      return { ...request, events: 0, repeated: false, reset: null };
    },
  };
  const observer = {
    notice: (message: string) => void notices.push(message),
    controlled: (outcome: ControlOutcome) => void ('refused' in outcome && refused.push(outcome.refused.message)),
  };
  const listening = listen(topic(records), control, 'open sesame', observer, isNew);
  await expect.poll(() => records.length).toBe(0);
  await listening.close();
  return { requests, refused, notices };
}

function message(key: string, command: object): LogRecord {
  return { key, value: Buffer.from(JSON.stringify(command)) };
}

it('carries out what bears the token, tells what does not, and shows nothing of it', async () => {
  const { requests, refused } = await heard(
    [
      message('1', { command: 'freeze', token: 'open sesame' }),
      message('2', { command: 'freeze', token: 'open barley' }),
      message('3', { command: 'freeze' }),
      message('4', { command: 'thaw', token: 'open sesame' }),
      { key: '5', value: Buffer.from('open sesame') },
      { key: '6', value: Buffer.from('null') },
      { key: '7', value: null },
      message('', { command: 'save', token: 'open sesame' }),
      message('', { command: 'save', token: 'open sesame', id: 'own' }),
    ],
    false,
  );
  expect(requests).toEqual([
    { id: '1', command: 'freeze' },
    { id: 'own', command: 'save' },
  ]);
  expect(refused).toHaveLength(6);
  expect(refused.join()).not.toContain('sesame');
});

it('a learner without a past passes over what was meant for another', async () => {
  const { requests, notices } = await heard([message('1', { command: 'freeze', token: 'open sesame' })], true);
  expect(requests).toEqual([]);
  expect(notices).toEqual(['commands: 1 older commands passed over']);
});
