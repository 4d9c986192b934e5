// `npm run native`: native TensorFlow (@tensorflow/tfjs-node) for machines where the package's own download cannot be
// reached. It goes to .native/, which src/training/ looks into first and which survives `npm ci`:
//   1. the npm package, without its install script and without a tensor library of its own (it shares the project's)
//   2. libtensorflow and its C headers out of the tensorflow-cpu wheel, pinned by hash, through pip
//   3. the addon, compiled from the package's sources
// Needs python3 with pip, g++, tar; some 1 GB of disk while it runs, 0.6 GB after. A second run does nothing.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const native = join(root, '.native');
const tfjsNode = join(native, 'node_modules/@tensorflow/tfjs-node');
const work = join(native, 'build');

const TFJS_NODE = '@tensorflow/tfjs-node@4.22.0';
const TFJS_NODE_SHA512 = 'uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==';
/** What tfjs-node loads at run time besides the project's own @tensorflow/tfjs, and the headers to compile against. */
const COMPANIONS = ['@mapbox/node-pre-gyp@1.0.9', 'google-protobuf@3.21.4', 'progress@2.0.3', 'node-api-headers@1.5.0'];
/** 15 % faster on this work than 2.21, and the newest whose segment sums are fast. */
const WHEEL = 'tensorflow-cpu==2.15.1';
const WHEEL_SHA256 = '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26';
const WHEEL_TAGS = [
  '--python-version',
  '3.11',
  '--implementation',
  'cp',
  '--abi',
  'cp311',
  '--platform',
  'manylinux2014_x86_64',
];

const say = (text) => console.log(`native: ${text}`);

function stop(text) {
  console.error(`native: ${text}`);
  process.exit(1);
}

/** Whether tfjs-node, looked up from `folder`, loads and computes; in a process of its own, since it can crash. */
function works(folder) {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' };
  const { status, stdout } = spawnSync(process.execPath, [join(here, 'smoke-test.cjs'), folder], {
    env,
    encoding: 'utf8',
  });
  if (status === 0) say(`${stdout.trim()} (${folder})`);
  return status === 0;
}

function command(name, args, cwd) {
  try {
    execFileSync(name, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  } catch (error) {
    stop(`\`${name} ${args.join(' ')}\` failed (${error.message.split('\n')[0]})`);
  }
}

function requireTool(name, args, remedy) {
  if (spawnSync(name, args, { stdio: 'ignore' }).status !== 0) stop(`${name} is needed and was not found. ${remedy}`);
}

if (works(root) || works(native)) process.exit(0);
if (process.platform !== 'linux' || process.arch !== 'x64') {
  stop(
    `builds on Linux x64 only, this is ${process.platform} ${process.arch}. Where its download can be reached, ` +
      `\`npm install --no-save ${TFJS_NODE}\` is all it takes; without it the WebAssembly engines are used.`,
  );
}
requireTool(
  'python3',
  ['-m', 'pip', '--version'],
  'Install python3 and its pip (Debian: apt-get install python3-pip).',
);
requireTool('g++', ['--version'], 'Install a C++ compiler (Debian: apt-get install g++).');
requireTool('tar', ['--version'], 'Install tar.');

say(`building into ${native}`);
rmSync(native, { recursive: true, force: true });
mkdirSync(tfjsNode, { recursive: true });
mkdirSync(work);

say('1/3 npm packages');
writeFileSync(join(native, 'package.json'), '{ "private": true }\n');
const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
command('npm', ['install', ...quiet, ...COMPANIONS], native);
command('npm', ['pack', '--loglevel=error', '--pack-destination', work, TFJS_NODE], native);
const archive = readdirSync(work).find((name) => name.endsWith('.tgz'));
const digest = createHash('sha512')
  .update(readFileSync(join(work, archive)))
  .digest('base64');
if (digest !== TFJS_NODE_SHA512) stop(`${archive} is not the one expected: its SHA-512 is ${digest}`);
mkdirSync(tfjsNode, { recursive: true }); // npm install prunes what it did not put there
command('tar', ['-xzf', join(work, archive), '-C', tfjsNode, '--strip-components=1'], native);

say(`2/3 libtensorflow from ${WHEEL} (a download of 207 MB)`);
const requirements = join(work, 'requirements.txt');
writeFileSync(requirements, `${WHEEL} --hash=sha256:${WHEEL_SHA256}\n`);
const pip = [
  '-m',
  'pip',
  'download',
  '--quiet',
  '--disable-pip-version-check',
  '--no-deps',
  '--only-binary',
  ':all:',
  ...WHEEL_TAGS,
];
command('python3', [...pip, '--require-hashes', '--requirement', requirements, '--dest', work], native);
const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
command('python3', [join(here, 'unpack-wheel.py'), join(work, wheel), join(tfjsNode, 'deps')], native);

say('3/3 compiling the addon');
mkdirSync(join(tfjsNode, 'lib/napi-v8'), { recursive: true });
const flags = ['-std=c++17', '-O2', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'];
const includes = ['-I.', '-Ideps/include', `-I${join(native, 'node_modules/node-api-headers/include')}`];
const sources = ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'];
const libraries = ['-Ldeps/lib', '-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'];
const output = ['-DNODE_GYP_MODULE_NAME=tfjs_binding', '-o', 'lib/napi-v8/tfjs_binding.node'];
command('g++', [...flags, ...includes, ...output, ...sources, ...libraries], tfjsNode);

rmSync(work, { recursive: true });
rmSync(join(tfjsNode, 'deps/include'), { recursive: true });
if (!works(native)) {
  spawnSync(process.execPath, [join(here, 'smoke-test.cjs'), native], { stdio: 'inherit' });
  stop('the addon was built but does not work; the error is above.');
}
