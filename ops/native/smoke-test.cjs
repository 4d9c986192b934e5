// Loads native TensorFlow as src/training does and multiplies two matrices. usage: smoke-test.cjs FOLDER
// FOLDER is where @tensorflow/tfjs-node is looked up from. Exit status 0: it works.
const { createRequire } = require('node:module');
const { resolve } = require('node:path');
const util = require('node:util');

// removed in Node 23, still called by tfjs-node 4.22.0
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;

const tf = createRequire(resolve(process.argv[2], 'package.json'))('@tensorflow/tfjs-node');
const { binding } = tf.backend();
const id = binding.createTensor([2, 2], binding.TF_FLOAT, Float32Array.of(1, 2, 3, 4));
const attributes = [
  { name: 'transpose_a', type: binding.TF_ATTR_BOOL, value: false },
  { name: 'transpose_b', type: binding.TF_ATTR_BOOL, value: true },
  { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
];
const [product] = binding.executeOp('MatMul', attributes, [id, id], 1);
const got = Array.from(binding.tensorDataSync(product.id)).join(' ');
if (got !== '5 11 11 25') throw new Error(`native TensorFlow loads but computes ${got}`);
console.log(`native TensorFlow ${binding.TF_Version} works`);
