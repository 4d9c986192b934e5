import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exists, REGISTRY } from '../../ops/kafka/jars.js';
import { freePorts } from '../../ops/kafka/local-cluster.js';

export interface RunningRegistry {
  /** Of its Confluent API. */
  readonly url: string;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;

/** Whether `npm run kafka:fetch` has been here. */
export const hasRegistry = await exists(REGISTRY);

/** A real Apicurio registry, in memory, on a free port or the one given. */
export async function startRegistry(port?: number): Promise<RunningRegistry> {
  const at = port ?? (await freePorts(1))[0]!;
  const directory = mkdtempSync(join(tmpdir(), 'dadin-registry-'));
  const runner = join(REGISTRY, 'apicurio-registry-app-2.6.13.Final-runner.jar');
  const child = spawn('java', ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-jar', runner], {
    cwd: directory,
    env: { ...process.env, QUARKUS_HTTP_HOST: '127.0.0.1', QUARKUS_HTTP_PORT: String(at) },
    stdio: 'ignore',
  });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const url = `http://127.0.0.1:${at}/apis/ccompat/v7`;
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const isReady = await fetch(`${url}/subjects`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) break;
    if (child.exitCode !== null || Date.now() > deadlineMs) throw new Error('the schema registry did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      process.removeListener('exit', killAtExit);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
