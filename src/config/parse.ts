import type { z } from 'zod';
import { DadinError } from '../core/index.js';
import { type Config, configSchema } from './config.js';
import { ConfigDocument } from './document.js';
import { findings } from './issues.js';
import { withModelPreset } from './model-presets.js';
import { applyOverrides, environmentOverrides, flagOverrides, type Override } from './override.js';
import { type Location, type Problem, problemText } from './problem.js';
import { type Path, type SchemaNode, schemaTree } from './schema-tree.js';

/** What replaces keys of the file: flags win over the environment, the environment over the file. */
export interface ConfigOverrides {
  /** `DADIN_BATCHING__SIZE=64` and the like. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `batching.size=64` and the like, values in YAML. */
  readonly overrides?: readonly string[];
}

const configTree = schemaTree(configSchema);

/**
 * Reads a configuration from YAML text.
 *
 * @param fileName stands in the places of problems
 * @throws DadinError DADIN_CONFIG_INVALID with every problem on a line of its own:
 *   `file:line:col: path.to.key: message (did you mean "x"?)`
 */
export function parseConfig(text: string, fileName: string, overrides: ConfigOverrides = {}): Config {
  return parseAgainst(configSchema, configTree, text, fileName, overrides, withModelPreset);
}

/** The configuration of an empty file. */
export function defaultConfig(overrides: readonly string[] = []): Config {
  return parseConfig('', 'defaults', { overrides });
}

/** JSON Schema (draft 2020-12) of the file, for editors; `learning` marks the keys that bind a resumed run. */
export function jsonSchema(): SchemaNode {
  return configTree;
}

/** `parseConfig` for any schema: `prepare` runs on the merged value before it is checked. */
export function parseAgainst<S extends z.ZodType>(
  schema: S,
  tree: SchemaNode,
  text: string,
  fileName: string,
  { env = {}, overrides = [] }: ConfigOverrides,
  prepare: (value: unknown) => unknown = (value) => value,
): z.output<S> {
  const document = new ConfigDocument(text, fileName);
  const written = document.read();
  if (written.problems.length > 0) throw invalid(written.problems, fileName);

  const fromEnvironment = environmentOverrides(env, tree);
  const fromFlags = flagOverrides(overrides, tree);
  const replaced = [...fromEnvironment.accepted, ...fromFlags.accepted];
  const merged = applyOverrides(written.value, replaced);
  const problems = [...fromEnvironment.problems, ...fromFlags.problems, ...merged.problems];

  const value = prepare(merged.value);
  const result = schema.safeParse(value);
  if (!result.success)
    for (const { path, message, suggestion, atKey } of findings(result.error.issues, value, tree)) {
      const location = overridden(path, replaced) ?? (atKey ? document.locateKey(path) : document.locateValue(path));
      problems.push({ location, path, message, suggestion });
    }
  if (problems.length > 0 || !result.success) throw invalid(problems, fileName);
  return result.data;
}

/** Where the value at `path`, or something inside it, was replaced, if it was: the last and deepest override counts. */
function overridden(path: Path, replaced: readonly Override[]): Location | null {
  let found: Override | null = null;
  for (const override of replaced) {
    const shared = Math.min(path.length, override.path.length);
    const touches = shared > 0 && path.slice(0, shared).every((name, i) => String(name) === String(override.path[i]));
    if (touches && override.path.length >= (found?.path.length ?? 0)) found = override;
  }
  return found?.location ?? null;
}

function invalid(problems: readonly Problem[], fileName: string): DadinError {
  const lines = [...problems].sort((a, b) => a.location.order - b.location.order).map(problemText);
  return new DadinError('DADIN_CONFIG_INVALID', lines.join('\n'), {
    step: 'configure',
    got: `${lines.length} ${lines.length === 1 ? 'problem' : 'problems'} in ${fileName}`,
    remedy: 'every key, its unit and its default stand in docs/configuration.md',
  });
}
