import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DadinError } from '../../../src/core/index.js';
import { AppendedFile } from '../../../src/sinks/index.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dadin-sinks-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('AppendedFile', () => {
  it('makes the folders of its path and counts bytes, not characters', () => {
    const path = join(directory, 'a/b/log.txt');
    const file = new AppendedFile(path, 0);
    file.write('Zürich 日本\n');
    expect(file.length()).toBe(Buffer.byteLength('Zürich 日本\n'));
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('Zürich 日本\n');
  });

  it('starts anew without bytes to keep, and cuts to those it is to keep', () => {
    const path = join(directory, 'log.txt');
    writeFileSync(path, 'one\ntwo\nthree\n');
    const kept = new AppendedFile(path, 4);
    kept.write('TWO\n');
    expect(kept.length()).toBe(8);
    kept.close();
    expect(readFileSync(path, 'utf8')).toBe('one\nTWO\n');
    new AppendedFile(path, 0).close();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('writes more than its buffer in the order given', () => {
    const path = join(directory, 'log.txt');
    const file = new AppendedFile(path, 0);
    const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i}\n`);
    for (const line of lines) file.write(line);
    file.close();
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
  });

  it.each([
    ['a file shorter than its checkpoint says', 'short.txt', 10, /shorter/],
    ['a file that is gone', 'gone.txt', 10, /cannot write/],
    ['a path that is a folder', '.', 0, /cannot write/],
  ])('refuses %s', (_, name, keepBytes, message) => {
    writeFileSync(join(directory, 'short.txt'), 'short');
    const open = () => new AppendedFile(join(directory, name), keepBytes);
    expect(open).toThrow(DadinError);
    expect(open).toThrow(message);
  });
});
