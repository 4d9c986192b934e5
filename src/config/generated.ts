import { configurationMarkdown } from './markdown.js';
import { jsonSchema } from './parse.js';

/** The files made from the schema, path from the repository's root -> content. A test holds them up to date. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    'schemas/dadin-config.schema.json': `${JSON.stringify(jsonSchema(), null, 2)}\n`,
    'docs/configuration.md': configurationMarkdown(),
  };
}
