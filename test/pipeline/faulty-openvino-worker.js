/** The score worker on an OpenVINO that fails for good after `globalThis.runs` runs of its graphs. */
import { Network } from '../../dist/scoring/engines/openvino/network.js';

const { run } = Network.prototype;
let left = globalThis.runs;
Network.prototype.run = function (...inputs) {
  if (left-- <= 0) throw new Error('OpenVINO fails: out of memory');
  return run.apply(this, inputs);
};

await import('../../dist/workers/score-worker.js');
