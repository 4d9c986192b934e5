import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DadinError } from '../../../src/core/index.js';
import { loadBackend } from '../../../src/training/backend.js';

const native = vi.hoisted(() => ({ missing: 'no addon on this machine' }));
const kernel = vi.hoisted(() => ({ built: true }));

vi.mock('../../../src/training/native-binding.js', () => ({ loadNativeBinding: () => native }));
vi.mock('../../../src/kernel/fused-ops.js', async () => {
  const { DadinError } = await import('../../../src/core/errors.js');
  return {
    createFusedOps: async () => {
      if (!kernel.built) throw new DadinError('DADIN_BACKEND_UNAVAILABLE', 'not built', { step: 'train' });
      return { name: 'fused' };
    },
  };
});

beforeEach(() => {
  kernel.built = true;
});

describe('loadBackend on a machine without native TensorFlow', () => {
  it('leaves the process’s handlers of uncaught errors alone', async () => {
    // first here: the module is loaded once a process
    const handlers = () => [process.listeners('uncaughtException'), process.listeners('unhandledRejection')];
    const before = handlers();
    await loadBackend('tfjs-wasm', 64);
    expect(handlers()).toEqual(before);
  });

  it('refuses it by name, and says what to do', async () => {
    const refusal = await loadBackend('tfjs-node', 64).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DadinError);
    expect(refusal).toMatchObject({ code: 'DADIN_BACKEND_UNAVAILABLE', details: { got: 'tfjs-node' } });
    expect((refusal as DadinError).describe()).toContain('npm run native');
    expect((refusal as DadinError).message).toContain('no addon on this machine');
  });

  it('auto: takes the kernel at any width, and tells why not native at a large one', async () => {
    expect(await loadBackend('auto', 16)).toMatchObject({ backend: 'fused' });
    const large = await loadBackend('auto', 64);
    expect(large.backend).toBe('fused');
    expect(large.reason).toContain('tfjs-node is not available (no addon on this machine)');
  });

  it('auto: takes the WebAssembly backend of tfjs where the kernel is not built either', async () => {
    kernel.built = false;
    const backend = await loadBackend('auto', 64);
    expect(backend).toMatchObject({ backend: 'tfjs-wasm', settings: { tfjs: '4.22.0', simd: 'true' } });
    expect(backend.reason).toContain('fused is not available (not built)');
  });

  it('refuses a kernel that is not built', async () => {
    kernel.built = false;
    await expect(loadBackend('fused', 16)).rejects.toMatchObject({ code: 'DADIN_BACKEND_UNAVAILABLE' });
  });
});
