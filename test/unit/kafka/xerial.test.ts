import { compressSync } from 'snappy';
import { describe, expect, it } from 'vitest';
import { uncompressSnappy } from '../../../src/kafka/xerial.js';

const text = Buffer.from('click after click after click'.repeat(40));
const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);

function framed(...parts: readonly Buffer[]): Buffer {
  const blocks = parts.flatMap((part) => {
    const block = compressSync(part);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(block.length);
    return [size, block];
  });
  return Buffer.concat([header, ...blocks]);
}

describe('snappy as Kafka clients write it', () => {
  it('reads a plain block', async () => {
    expect(await uncompressSnappy(compressSync(text))).toEqual(text);
  });

  it("reads xerial's blocks, one, several or none", async () => {
    expect(await uncompressSnappy(framed(text))).toEqual(text);
    expect(await uncompressSnappy(framed(text.subarray(0, 100), text.subarray(100)))).toEqual(text);
    expect(await uncompressSnappy(header)).toEqual(Buffer.alloc(0));
  });

  it('refuses lengths that lead outside and damaged blocks', async () => {
    await expect(uncompressSnappy(framed(text).subarray(0, -1))).rejects.toThrow('ends too early');
    await expect(uncompressSnappy(Buffer.concat([framed(text), Buffer.from([0, 0])]))).rejects.toThrow('no length');
    const damaged = framed(text);
    damaged[header.length + 4] = 0xff; // the block's own length
    await expect(uncompressSnappy(damaged)).rejects.toThrow();
  });
});
