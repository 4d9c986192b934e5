import { describe, expect, it } from 'vitest';
import { type ConfigOverrides, defaultConfig, parseConfig } from '../../../src/config/index.js';

const read = (text: string, overrides: ConfigOverrides) => parseConfig(text, 'a.yaml', overrides);

describe('environment', () => {
  it('replaces keys of the file; case and single underscores do not matter', () => {
    const env = {
      DADIN_BATCHING__SIZE: '64',
      DADIN_TRAINING__DENSE_LEARNING_RATE: '0.01',
      DADIN_TRAINING__TTLMS__ITEM_TARGET: '5',
      DADIN_MODEL__HIDDEN: '[8, 16]',
      DADIN_SEED: '7',
    };
    const config = read('batching: {size: 32, maxReplays: 2}', { env });
    expect(config.batching).toMatchObject({ size: 64, maxReplays: 2 });
    expect(config.training.denseLearningRate).toBe(0.01);
    expect(config.training.ttlMs.itemTarget).toBe(5);
    expect(config.model.hidden).toEqual([8, 16]);
    expect(config.seed).toBe(7);
  });

  it('leaves text as it is where the key takes text', () => {
    const env = { DADIN_NAME: '12', DADIN_CHECKPOINT__DIRECTORY: 'true' };
    const config = read('', { env });
    expect(config.name).toBe('12');
    expect(config.checkpoint.directory).toBe('true');
    expect(
      read('checkpoint: {directory: x}', { env: { DADIN_CHECKPOINT__DIRECTORY: 'null' } }).checkpoint.directory,
    ).toBe(null);
  });

  it('ignores variables that are not ours', () => {
    const env = { PATH: '/bin', DADIN_STREAM_SERVICE_HOST: '10.0.0.1', DADIN_STREAM_PORT: 'tcp://10.0.0.1:80' };
    expect(read('', { env })).toEqual(defaultConfig());
  });

  it.each([
    [{ DADIN_BATCHING__SIZ: '1' }, 'environment DADIN_BATCHING__SIZ: batching.siz: unknown key (did you mean "size"?)'],
    [
      { DADIN_BATCHING__SIZE: 'x' },
      'environment DADIN_BATCHING__SIZE: batching.size: expected a whole number, got "x"',
    ],
    [
      { DADIN_BATCHING_SIZE: '1' },
      'environment DADIN_BATCHING_SIZE: names no key: a dot is a double underscore (did you mean "DADIN_BATCHING__SIZE"?)',
    ],
    [{ DADIN_MODEL__HIDDEN: '[1' }, 'environment DADIN_MODEL__HIDDEN: model.hidden: '],
  ])('names the variable of a problem: %o', (env, start) => {
    expect(() => read('', { env })).toThrow(start);
  });
});

describe('--set', () => {
  it('wins over the environment, which wins over the file', () => {
    const text = 'batching: {size: 1, maxReplays: 1, recencyRows: 1}';
    const env = { DADIN_BATCHING__SIZE: '2', DADIN_BATCHING__MAX_REPLAYS: '2' };
    const { batching } = read(text, { env, overrides: ['batching.size=3', 'batching.size=4'] });
    expect(batching).toMatchObject({ size: 4, maxReplays: 2, recencyRows: 1 });
  });

  it('reaches into lists and maps and can add an entry', () => {
    const overrides = [
      'input.kind=files',
      'input.files.0={domain: target, paths: [a], columns: {userId: u, itemId: i, label: {later: true}}}',
      'input.files.0.columns.userFeatures.age=a',
      'input.files.0.paths=[b, c]',
    ];
    const entry = defaultConfig(overrides).input.files[0];
    expect(entry?.paths).toEqual(['b', 'c']);
    expect(entry?.columns.userFeatures).toEqual({ age: { column: 'a', list: false, divideBy: null } });
    expect(entry?.columns.eventTime).toBe(null);
  });

  it.each([
    ['batching', '--set batching: must be written path.to.key=value'],
    ['=1', 'must be written path.to.key=value'],
    ['batching.size=0', '--set batching.size: batching.size: must be at least 1, got 0'],
    ['input.files.3.paths=[a]', '--set input.files.3.paths: input.files.3.paths: the list has 0 entries'],
    ['input.files.x=1', '--set input.files.x: input.files: expected a list, got a map'],
    ['model.hidden.x=1', '--set model.hidden.x: model.hidden: expected a list, got a map'],
    ['name.first=x', '--set name.first: name: expected text, got a map'],
    ['__proto__.x=1', '--set __proto__.x: __proto__.x: unknown key'],
    ['constructor.x=1', '--set constructor.x: constructor: unknown key'],
  ])('names the flag of a problem: %s', (flag, start) => {
    expect(() => read('', { overrides: [flag] })).toThrow(start);
    expect(({} as Record<string, unknown>)['x']).toBe(undefined);
  });
});
