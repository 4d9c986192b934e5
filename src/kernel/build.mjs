// Compiles the fused kernel from AssemblyScript: src/kernel/assembly -> dist/src/kernel/dadin-kernel.wasm.
// Plain SIMD only: relaxed instructions may round differently from machine to machine.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = new URL('../../', import.meta.url);
const output = new URL('dist/src/kernel/dadin-kernel.wasm', root);
await mkdir(new URL('./', output), { recursive: true });
const { error } = await main(
  [
    fileURLToPath(new URL('assembly/index.ts', import.meta.url)),
    ...['--outFile', fileURLToPath(output)],
    ...['-O3', '--converge', '--noAssert', '--enable', 'simd', '--enable', 'threads', '--runtime', 'stub'],
    ...['--disableWarning', '112'], // v128 across module boundaries: only between the kernel's own files
    // shared, so that what lies in it stays readable under the same view when it grows
    ...['--importMemory', '--sharedMemory', '--initialMemory', '16', '--maximumMemory', '32768'],
  ],
  { stderr: process.stderr },
);
if (error) {
  console.error(error.message);
  process.exitCode = 1;
}
