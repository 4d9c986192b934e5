import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Both lines are tested; the first is what `npm run kafka` and the tests take where nobody says otherwise. */
export const KAFKA_VERSIONS = ['4.1.2', '3.9.2'] as const;

const POM = fileURLToPath(new URL('pom.xml', import.meta.url));
/** Git-ignored; holds jars, data of the local node and the tests' brokers. */
export const CACHE = fileURLToPath(new URL('../../.kafka', import.meta.url));

/** Folder with the jars of a Kafka version, fetched once through Maven (about 45 MB). Rejects without Maven. */
export async function kafkaJars(version: string): Promise<string> {
  const directory = join(CACHE, `jars-${version}`);
  if (await exists(directory)) return directory;
  await mkdir(CACHE, { recursive: true });
  const partial = `${directory}.partial-${process.pid}`;
  await run('mvn', [
    '--batch-mode',
    '--quiet',
    `--file=${POM}`,
    `-Dkafka.version=${version}`,
    `-Pkafka-${version.split('.')[0]}`,
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${partial}`,
  ]);
  await rename(partial, directory).catch(async (error: unknown) => {
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(directory))) throw error; // somebody else was faster
  });
  return directory;
}

export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** Runs on JDK 17; 3.x wants 21. */
const REGISTRY_VERSION = '2.6.13.Final';

/** Folder of the Apicurio schema registry, where it has been fetched. */
export const REGISTRY = join(CACHE, `apicurio-${REGISTRY_VERSION}`);

/** Fetches the registry (142 MB) through Maven and unpacks it, unless it is there. */
export async function fetchRegistry(): Promise<string> {
  if (await exists(REGISTRY)) return REGISTRY;
  const partial = `${REGISTRY}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  const artifact = `io.apicurio:apicurio-registry-app:${REGISTRY_VERSION}:tar.gz:all`;
  await run('mvn', [
    '--batch-mode',
    '--quiet',
    'dependency:copy',
    `-Dartifact=${artifact}`,
    `-DoutputDirectory=${partial}`,
  ]);
  const archive = join(partial, `apicurio-registry-app-${REGISTRY_VERSION}-all.tar.gz`);
  await run('tar', ['-xzf', archive, '-C', partial]);
  await rm(archive);
  await rename(partial, REGISTRY);
  return REGISTRY;
}
