import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegisteredSchema, SchemaRegistry } from '../codec/index.js';

/** Schemas in a folder, `ID.avsc` each: for those who have no registry, or none within reach. */
export class DirectoryRegistry implements SchemaRegistry {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async schema(id: number): Promise<RegisteredSchema> {
    const path = join(this.#directory, `${id}.avsc`);
    try {
      return { ok: true, schema: await readFile(path, 'utf8') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return { ok: false, reason: `there is no ${path}` };
    }
  }
}
