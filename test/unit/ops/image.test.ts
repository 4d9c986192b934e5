import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Made by the build stage, so not in the repository. */
const MADE = ['node_modules', '.native', 'dist'];

const instructions = readFileSync('ops/docker/Dockerfile', 'utf8')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line));
const of = (name: string) => instructions.filter((line) => line.startsWith(`${name} `));
const { files, imports, engines } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly files: readonly string[];
  readonly imports: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
};

describe('the Dockerfile', () => {
  it('copies what the program needs at run time, and nothing that is not there', () => {
    const copied = of('COPY').flatMap((line) => /--from=build \/app\/(\S+) /.exec(line)?.[1] ?? []);
    for (const path of copied) expect(MADE.includes(path) || existsSync(path), path).toBe(true);
    const needed = files
      .filter((path) => existsSync(path) || path === 'dist')
      .filter((path) => !/^docs|\.md$/.test(path));
    expect(copied).toEqual(expect.arrayContaining(needed));
    for (const target of Object.values(imports)) expect(copied).toContain(target.split('/')[1]);
  });

  it('starts from a Node that the package supports, named by its version', () => {
    const [major] = /\d+/.exec(engines.node)!;
    for (const line of of('FROM')) {
      const [, version] = /^FROM node:(\d+)-bookworm(?:-slim)?(?: AS \w+)?$/.exec(line) ?? [];
      expect(Number(version), line).toBeGreaterThanOrEqual(Number(major));
    }
  });

  it('runs as nobody special, looks after itself, and leaves no package lists behind', () => {
    expect(of('USER').at(-1)).toBe('USER node');
    expect(instructions.findIndex((line) => line.startsWith('USER'))).toBeGreaterThan(
      instructions.findLastIndex((line) => line.startsWith('RUN')),
    );
    const port = /"--port", "(\d+)"/.exec(of('CMD')[0]!)![1];
    expect(of('EXPOSE')).toEqual([`EXPOSE ${port}`]);
    expect(of('HEALTHCHECK')[0]).toContain(`http://127.0.0.1:${port}/live`);
    for (const line of of('RUN').filter((run) => run.includes('apt-get install'))) {
      expect(line).toContain('--no-install-recommends');
      expect(line).toContain('rm -rf /var/lib/apt/lists');
    }
  });
});
