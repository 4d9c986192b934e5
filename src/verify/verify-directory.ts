import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DadinError } from '../core/index.js';
import { createReferenceOps } from '../model/reference-ops.js';
import { type BackendName, loadBackend } from '../training/backend.js';
import { checkDadin, type Engine } from './check-dadin.js';
import { checkDelayed } from './check-delayed.js';
import { checkDrift } from './check-drift.js';
import { checkMetrics } from './check-metrics.js';
import { checkOptimisers } from './check-optimisers.js';
import { checkResample } from './check-resample.js';
import { checkSynthetic } from './check-synthetic.js';
import { checkTraining } from './check-training.js';
import { checkZoo } from './check-zoo.js';
import type { Verdict } from './verdict.js';

type EngineCheck = <T>(file: string, content: unknown, engine: Engine<T>) => Verdict;

/** First pattern that fits decides; checks of one kind run on every engine. */
const ENGINE_CHECKS: readonly (readonly [RegExp, EngineCheck])[] = [
  [/^dadin_train/, checkTraining],
  [/^dadin_/, checkDadin],
  [/^model_/, checkZoo],
];
const FORMULA_CHECKS: readonly (readonly [RegExp, (file: string, content: unknown) => Verdict])[] = [
  [/^delayed/, checkDelayed],
  [/^drift/, checkDrift],
  [/^metrics/, checkMetrics],
  [/^optimi[sz]ers/, checkOptimisers],
  [/^resample/, checkResample],
  [/^synth_/, checkSynthetic],
];
const BACKENDS: readonly BackendName[] = ['fused', 'tfjs-node', 'tfjs-wasm'];

/**
 * Checks every `*.json` of a directory against the product's own code, in name order, and hands over each verdict as it
 * falls.
 *
 * @throws DadinError DADIN_USAGE where the directory cannot be read or holds no fixture
 */
export async function verifyDirectory(directory: string, report: (verdict: Verdict) => void): Promise<void> {
  const files = await fixtureFiles(directory);
  const { engines, missing } = await availableEngines();
  for (const file of files) {
    const text = await readFile(join(directory, file), 'utf8');
    for (const verdict of verdicts(file, text, engines, missing)) report(verdict);
  }
}

async function fixtureFiles(directory: string): Promise<string[]> {
  const refuse = (message: string, cause?: unknown): never => {
    throw new DadinError('DADIN_USAGE', message, {
      step: 'verify',
      got: directory,
      cause,
      remedy: 'name a directory of fixtures',
    });
  };
  const names = await readdir(directory).catch((error: Error) => refuse(`${directory}: ${error.message}`, error));
  const files = names.filter((name) => name.endsWith('.json')).sort();
  return files.length > 0 ? files : refuse(`${directory} holds no *.json`);
}

/** The reference, and every backend that loads here; the others with the reason why not. */
async function availableEngines() {
  const engines: Engine<unknown>[] = [{ ops: createReferenceOps(), precision: 'float64' } as Engine<unknown>];
  const missing: { readonly name: BackendName; readonly reason: string }[] = [];
  for (const name of BACKENDS) {
    try {
      engines.push({ ops: (await loadBackend(name, 1)).ops, precision: 'float32' });
    } catch (error) {
      if (!(error instanceof DadinError) || error.code !== 'DADIN_BACKEND_UNAVAILABLE') throw error;
      missing.push({ name, reason: error.message });
    }
  }
  return { engines, missing };
}

function* verdicts(
  file: string,
  text: string,
  engines: readonly Engine<unknown>[],
  missing: readonly { readonly name: string; readonly reason: string }[],
): Iterable<Verdict> {
  const engineCheck = ENGINE_CHECKS.find(([pattern]) => pattern.test(file))?.[1];
  const formulaCheck = FORMULA_CHECKS.find(([pattern]) => pattern.test(file))?.[1];
  if (engineCheck !== undefined) {
    for (const engine of engines)
      yield judged(file, engine.ops.name, () => engineCheck(file, JSON.parse(text), engine));
    for (const { name, reason } of missing) yield { file, subject: name, status: 'skip', detail: reason };
  } else if (formulaCheck !== undefined) {
    yield judged(file, 'all', () => formulaCheck(file, JSON.parse(text)));
  } else {
    yield { file, subject: 'all', status: 'skip', detail: 'no check is known for this name' };
  }
}

/** A fixture that cannot be read as what its name says is a miss, not the end of the run. */
function judged(file: string, subject: string, check: () => Verdict): Verdict {
  try {
    return check();
  } catch (error) {
    return { file, subject, status: 'MISS', detail: `cannot be checked: ${(error as Error).message}` };
  }
}
