import { expect, it } from 'vitest';
import { closingAtEnd } from '../../../pipelines/closing.js';

it('closes everything, newest first, and gives the result', async () => {
  const closed: string[] = [];
  const result = await closingAtEnd(async (atEnd) => {
    atEnd(() => void closed.push('first'));
    atEnd(async () => void closed.push('second'));
    return 7;
  });
  expect([result, closed]).toEqual([7, ['second', 'first']]);
});

it('closes everything though the work and a close fail, and tells what failed first', async () => {
  const closed: string[] = [];
  const work = closingAtEnd(async (atEnd) => {
    atEnd(() => void closed.push('lock'));
    atEnd(() => {
      throw new Error('close');
    });
    throw new Error('work');
  });
  await expect(work).rejects.toThrow('work');
  expect(closed).toEqual(['lock']);
});

it('tells a close that fails after good work', async () => {
  const work = closingAtEnd(async (atEnd) => {
    atEnd(() => Promise.reject(new Error('close')));
  });
  await expect(work).rejects.toThrow('close');
});
