import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConfigOverrides, defaultConfig, parseConfig } from '../../../src/config/index.js';
import { DadinError } from '../../../src/core/index.js';

/** The lines of the refusal. */
function problemsOf(text: string, overrides: ConfigOverrides = {}): string[] {
  try {
    parseConfig(text, 'a.yaml', overrides);
  } catch (error) {
    if (!(error instanceof DadinError)) throw error;
    expect(error.code).toBe('DADIN_CONFIG_INVALID');
    return error.message.split('\n');
  }
  return [];
}

/** A valid file input to break in one place. */
const FILES = `input:
  kind: files
  files:
    - domain: target
      paths: [a.csv]
      columns:
        userId: u
        itemId: i
        eventTime: {column: t}
        label: {column: y, equals: ["1"]}
`;

describe('parseConfig', () => {
  it('takes an empty file as all defaults', () => {
    const config = parseConfig('', 'a.yaml');
    expect(config).toEqual(defaultConfig());
    expect(config.batching.size).toBe(32);
    expect(config.model).toMatchObject({ preset: 'default', width: 16, hidden: [64, 32, 16], dropout: 0 });
    expect(config.model.adversary).toEqual({ mode: 'auto', strength: 1, kappa: 1.2, rampSteps: 2000 });
    const { kafka, ...input } = config.input;
    expect(input).toEqual({
      kind: 'synthetic',
      synthetic: { preset: 'default', seed: 1, messages: null },
      files: [],
    });
    expect(kafka).toMatchObject({ topics: [], start: 'earliest', stop: 'never', onLost: 'fail' });
  });

  it('fills in what a file input leaves out and makes every feature a column', () => {
    const text = `${FILES}        userFeatures: {zip: z, age: {column: a, divideBy: 10}}\n`;
    expect(parseConfig(text, 'a.yaml').input.files).toEqual([
      {
        domain: 'target',
        paths: ['a.csv'],
        format: 'auto',
        delimiter: ',',
        listSeparator: null,
        sort: 'auto',
        columns: {
          eventId: null,
          kind: null,
          impressionId: null,
          userId: 'u',
          itemId: 'i',
          eventTime: { column: 't', format: 'ms', timeZone: 'UTC' },
          label: { column: 'y', equals: ['1'], negatives: null },
          userFeatures: {
            age: { column: 'a', list: false, divideBy: 10 },
            zip: { column: 'z', list: false, divideBy: null },
          },
          itemFeatures: {},
        },
      },
    ]);
  });

  it.each([
    ['{column: rating, atLeast: 4}', { column: 'rating', atLeast: 4 }],
    ['{always: clicked}', { always: 'clicked' }],
    ['{later: true}', { later: true }],
  ])('knows the label rule %s', (rule, expected) => {
    const text = FILES.replace('{column: y, equals: ["1"]}', rule);
    expect(parseConfig(text, 'a.yaml').input.files[0]?.columns.label).toEqual(expected);
  });

  it('keeps given synthetic knobs and leaves the others to the preset', () => {
    const text = 'input: {synthetic: {preset: claim4, users: 10, drift: null, messages: {}}}';
    expect(parseConfig(text, 'a.yaml').input.synthetic).toEqual({
      preset: 'claim4',
      seed: 1,
      users: 10,
      drift: null,
      messages: {
        clickDelayMeanMs: 600_000,
        jitterMs: 30_000,
        lateShare: 0.01,
        lateMs: 600_000,
        duplicateShare: 0.01,
      },
    });
  });

  it('lists every problem with its place, sorted by place', () => {
    const text = `nam: x
batching:
  size: many
  replayShares: 0.1
training: {guardEverySteps: 0, maxRows: 1.5}
`;
    expect(problemsOf(text)).toEqual([
      'a.yaml:1:1: nam: unknown key (did you mean "name"?)',
      'a.yaml:3:9: batching.size: expected a whole number, got "many"',
      'a.yaml:4:3: batching.replayShares: unknown key (did you mean "replayShare"?)',
      'a.yaml:5:29: training.guardEverySteps: must be at least 1, got 0',
      'a.yaml:5:41: training.maxRows: expected a whole number, got 1.5',
    ]);
  });

  it.each([
    ['modle: {}', 'a.yaml:1:1: modle: unknown key (did you mean "model"?)'],
    ['model: {adversary: {kapa: 2}}', 'a.yaml:1:21: model.adversary.kapa: unknown key (did you mean "kappa"?)'],
    ['maxRows: 2', 'a.yaml:1:1: maxRows: unknown key (did you mean "training.maxRows"?)'],
    ['batchSize: 2', 'a.yaml:1:1: batchSize: unknown key (did you mean "batching.size"?)'],
    ['qwertz: 2', 'a.yaml:1:1: qwertz: unknown key'],
    [
      `${FILES}        userfeatures: {}\n`,
      'a.yaml:11:9: input.files.0.columns.userfeatures: unknown key (did you mean "userFeatures"?)',
    ],
    [
      FILES.replace('column: t}', 'column: t, zone: UTC}'),
      'a.yaml:9:32: input.files.0.columns.eventTime.zone: unknown key (did you mean "timeZone"?)',
    ],
    [
      `${FILES}        itemFeatures: {genre: {column: g, lists: true}}\n`,
      'a.yaml:11:43: input.files.0.columns.itemFeatures.genre.lists: unknown key (did you mean "list"?)',
    ],
  ])('refuses an unknown key at any depth: %s', (text, expected) => {
    expect(problemsOf(text)).toContain(expected);
  });

  it.each([
    ['batching: 5', 'a.yaml:1:11: batching: expected a map, got 5'],
    ['- 1', 'a.yaml:1:1: expected a map, got a list'],
    ['name: 5', 'a.yaml:1:7: name: expected text, got 5: quote it, "5"'],
    ['seed: null', 'a.yaml:1:7: seed: expected a whole number, got null'],
    ['model: {hidden: 64}', 'a.yaml:1:17: model.hidden: expected a list, got 64'],
    ['model: {detachYhat: "yes"}', 'a.yaml:1:21: model.detachYhat: expected true or false, got "yes"'],
    ['model: {alpha: 1.5}', 'a.yaml:1:16: model.alpha: must be at most 1, got 1.5'],
    ['batching: {replayShare: 1}', 'a.yaml:1:25: batching.replayShare: must be below 1, got 1'],
    ['training: {denseLearningRate: .nan}', 'a.yaml:1:31: training.denseLearningRate: expected a number, got NaN'],
    [
      'model: {adversary: {mode: govern}}',
      'a.yaml:1:27: model.adversary.mode: expected auto, governed, literal, constant or off, got "govern" (did you mean "governed"?)',
    ],
    [FILES.replace('        userId: u\n', ''), 'a.yaml:6:7: input.files.0.columns.userId: is missing, expected text'],
    [
      FILES.replace('domain: target', 'domain: targt'),
      'a.yaml:4:15: input.files.0.domain: expected target, source or a map, got "targt" (did you mean "target"?)',
    ],
    [
      FILES.replace('equals', 'equal'),
      'a.yaml:10:28: input.files.0.columns.label.equal: unknown key (did you mean "equals"?)',
    ],
    [
      FILES.replace('equals: ["1"]', 'atLeast: "4"'),
      'a.yaml:10:37: input.files.0.columns.label.atLeast: expected a number, got "4"',
    ],
    [
      FILES.replace('column: t}', 'column: t, format: yyyymmdd}'),
      'a.yaml:9:40: input.files.0.columns.eventTime.format: must be ms, s, iso or a pattern of yyyy MM dd HH mm ss SSS in this order, as in "yyyyMMddHHmm"',
    ],
    ['input: {kind: files}', 'a.yaml:1:1: input.files: must list at least one entry when input.kind is files'],
    ['model: {width: 64}', 'a.yaml:1:1: model.hidden: must end in model.width, which is 64, and ends in 16'],
    [
      'model: {width: 16, hidden: [8]}',
      'a.yaml:1:28: model.hidden: must end in model.width, which is 16, and ends in 8',
    ],
    [
      'model: {linear: {crosses: [[user, items]]}}',
      'a.yaml:1:35: model.linear.crosses.0.1: expected domain, user, userFeatures, item, itemFeatures, historyTarget, historySource, counters or matches, got "items" (did you mean "item"?)',
    ],
    [
      'labels: {mode: esDfm, attributionWindowMs: 60000}',
      'a.yaml:1:1: labels.firstLookMs: must be below labels.attributionWindowMs: the first look is before the last',
    ],
    [
      'labels: {mode: fakeNegativeCalibrated}\nbatching: {replayShare: 0.25}',
      'a.yaml:2:25: batching.replayShare: must be 0 with labels.mode fakeNegativeCalibrated: replayed rows have final labels, its model has not',
    ],
    [
      'batching: {size: 2, replayShare: 0.9}',
      'a.yaml:1:34: batching.replayShare: leaves no room for a fresh row: size times (1 - replayShare) must round to at least 1',
    ],
  ])('refuses a wrong value: %s', (text, expected) => {
    expect(problemsOf(text)).toContain(expected);
  });

  it.each([
    ['a: 1\na: 2', 'a.yaml:2:1: Map keys must be unique'],
    ['a: [1', 'a.yaml:1:6: '],
    ['a: 1\n---\nb: 1', 'a.yaml:2:1: '],
    ['model: !custom {}', 'a.yaml:1:8: Unresolved tag: !custom'],
    ['name: *nowhere', 'a.yaml:1:1: Unresolved alias'],
    ['model: {__proto__: {width: 1}}', 'a.yaml:1:9: unknown key "__proto__"'],
  ])('refuses what is not one plain document: %s', (text, start) => {
    const problems = problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.some((line) => line.startsWith(start))).toBe(true);
  });

  it('finds the place of a mistake behind an alias', () => {
    const second = FILES.replace(/[\s\S]*files:\n/, '').replace(/columns:[\s\S]*/, 'columns: *columns\n');
    const text = FILES.replace('columns:', 'columns: &columns').replace('itemId: i', 'item: i') + second;
    expect(problemsOf(text)).toContain('a.yaml:8:9: input.files.1.columns.item: unknown key (did you mean "itemId"?)');
  });

  it('never throws anything but a refusal', () => {
    const fragment = fc.constantFrom(
      'input',
      'files',
      'model',
      'hidden',
      '[',
      ']',
      '{',
      '}',
      ':',
      ' ',
      '\n',
      '- ',
      '1',
      '&a',
      '*a',
      '"',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 30 }), (fragments) => {
        problemsOf(fragments.join(''));
      }),
      { numRuns: 300 },
    );
  });
});

describe('model presets', () => {
  it('give defaults that explicit keys override, at any depth', () => {
    const config = parseConfig('model: {preset: literal, dropout: 0.1, threshold: {value: 0.3}}', 'a.yaml');
    expect(config.model.dropout).toBe(0.1);
    expect(config.model.threshold).toEqual({ mode: 'fixed', value: 0.3 });
    expect(config.model.adversary.mode).toBe('literal');
    expect(config.model.width).toBe(64);
  });

  it('are `default` where nothing is said: statistics, a linear part and small batches; `paper` is the pure model', () => {
    expect(defaultConfig().model).toMatchObject({ statistics: true, linear: true });
    const paper = defaultConfig(['model.preset=paper']);
    expect(paper.model).toMatchObject({ width: 64, hidden: [512, 128, 64], statistics: false, linear: false });
    expect(paper.model.adversary.mode).toBe('governed');
    expect(paper.batching.size).toBe(256);
  });

  it('keep width and hidden layers together', () => {
    expect(defaultConfig(['model.preset=small']).model).toMatchObject({ width: 16, hidden: [64, 32, 16] });
  });

  it('leave out for a baseline what it does not have, and refuse it where it is asked for', () => {
    const { model } = defaultConfig(['model.kind=din']);
    expect(model).toMatchObject({ kind: 'din', width: 16, statistics: false, linear: true, dropout: 0 });
    expect(model.adversary.mode).toBe('off');
    expect(defaultConfig(['model.preset=literal', 'model.kind=lr', 'model.hidden=[7]']).model.hidden).toEqual([7]);
    for (const key of ['statistics=true', 'ablation=3', 'adversary.mode=governed', 'dropout=0.1']) {
      expect(() => defaultConfig(['model.kind=lr', `model.${key}`])).toThrow('unless model.kind is dadin');
    }
  });

  it('can be chosen from the environment', () => {
    expect(parseConfig('', 'a.yaml', { env: { DADIN_MODEL__PRESET: 'small' } }).model.width).toBe(16);
  });
});
