/**
 * The score worker on an engine that is made to fail. WebGPU is played by the CPU, and `globalThis.faults` says when a
 * run of it fails: with more than `above` tiles, after `after` runs that went well, `once` in the first thread alone,
 * which makes that file; `how: 'exit'` ends the thread in place of an error.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';

const { above = Infinity, after = Infinity, once = null, how = 'error' } = globalThis.faults;
const first = once !== null && !existsSync(once);
if (first) writeFileSync(once, '');
let runs = 0;

const create = InferenceSession.create.bind(InferenceSession);
InferenceSession.create = async (graph, options) => {
  const webgpu = options.executionProviders.includes('webgpu');
  const session = await create(graph, { ...options, executionProviders: ['cpu'] });
  if (!webgpu) return session;
  const run = session.run.bind(session);
  session.run = async (feeds, outputs) => {
    const [count] = Object.values(feeds)[0].dims;
    if (first || count > above || runs >= after) {
      if (how === 'exit') process.exit(3);
      throw new Error('the device is lost\nand a stack that nobody wants to read');
    }
    runs++;
    return run(feeds, outputs);
  };
  return session;
};

await import('../../dist/workers/score-worker.js');
