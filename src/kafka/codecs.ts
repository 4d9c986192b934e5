import { compress as zstdCompress, decompress as zstdDecompress, init as zstdInit } from '@bokuweb/zstd-wasm';
import kafkajs, { CompressionTypes } from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { compress as snappyCompress } from 'snappy';
import { uncompressSnappy } from './xerial.js';

/** Both ends of one compression type, as kafkajs calls them; `encoder.buffer` holds the records. */
interface RecordCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

const snappy: RecordCodec = {
  compress: async ({ buffer }) => await snappyCompress(buffer),
  decompress: uncompressSnappy,
};

const lz4: RecordCodec = {
  compress: async ({ buffer }) => await compressFrame(buffer),
  decompress: async (bytes) => await decompressFrame(bytes),
};

/** Only the default export has it in an ES module. */
const { CompressionCodecs } = kafkajs;

let zstdLoading: Promise<void> | undefined;

async function zstdReady(): Promise<void> {
  zstdLoading ??= zstdInit();
  await zstdLoading;
}

const zstd: RecordCodec = {
  async compress({ buffer }) {
    await zstdReady();
    return asBuffer(zstdCompress(buffer));
  },
  async decompress(bytes) {
    await zstdReady();
    return asBuffer(zstdDecompress(bytes));
  },
};

/** kafkajs brings gzip only, and a consumer that meets another codec crashes: all are registered before any is met. */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => snappy;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstd;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
