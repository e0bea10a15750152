import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import { exportHardwareNet } from '../../src/model/export-hardware.js';
import { HardwareNet, hardwareShapes, initialHardwareWeights } from '../../src/model/hardware-net.js';
import { hardwarePlanes, INPUT_PLANES } from '../../src/model/hardware-planes.js';
import { locateTensors, writeSafetensors } from '../../src/model/safetensors.js';
import type { Weights } from '../../src/model/weights.js';
import { createOnnxScorer } from '../../src/scoring/engines/onnx-scorer.js';
import { STARTER } from '../support/starter.js';
import { tensorFlowIfBuilt, temporaryFolder } from '../training/support.js';

const AREA = 64 * 64;
const folder = temporaryFolder();

/** First weights with running statistics that are not those of a fresh net. */
function weightsOf(seed: number): Weights {
  const random = createRandom(seed);
  const weights = initialHardwareWeights(seed);
  for (const [name, { data }] of weights) {
    if (name.includes('.norm.')) for (let i = 0; i < data.length; i++) data[i] = 0.5 + random.uniform();
  }
  return weights;
}

function pixelsOf(count: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  return Uint8Array.from({ length: count * AREA }, () => random.integer(256));
}

describe('the learned scorer', () => {
  it('gives on ONNX what it gives on tfjs', async (context) => {
    const tf = await tensorFlowIfBuilt();
    if (tf === null) return context.skip('TensorFlow is not built');
    const weights = weightsOf(3);
    const pixels = pixelsOf(3, 4);
    pixels.fill(0, 2 * AREA);
    const octants = Float32Array.from([-1, 0.3, 1]);
    const net = new HardwareNet(tf, weights);
    const planes = hardwarePlanes(
      Float32Array.from(pixels, (value) => value / 255),
      octants,
    );
    const ours = tf.tidy(() => {
      const { bodies, tracks } = net.logits(tf.tensor4d(planes, [3, 64, 64, INPUT_PLANES]));
      return {
        bodies: bodies.transpose([0, 3, 1, 2]).dataSync<'float32'>(),
        tracks: tracks.transpose([0, 3, 1, 2]).dataSync<'float32'>(),
      };
    });
    net.dispose();

    await mkdir(folder, { recursive: true });
    const bytes = writeSafetensors(weights, () => 'F32');
    await writeFile(path.join(folder, 'w.safetensors'), bytes);
    const hardwarePath = path.join(folder, 'hardware.onnx');
    await writeFile(hardwarePath, exportHardwareNet(locateTensors(bytes, 'w'), 'w.safetensors'));
    const modelPath = path.join(STARTER, 'scorer.onnx');
    const scorer = await createOnnxScorer({ modelPath, hardwarePath, threads: 1, channels: 1, tileSize: 64 });
    const theirs = await scorer.hardware!({ count: 3, pixels, octants });
    await scorer.close();
    for (const name of ['bodies', 'tracks'] as const) {
      expect(theirs[name]).toHaveLength(ours[name].length);
      ours[name].forEach((value, i) => expect(Math.abs(theirs[name][i]! - value)).toBeLessThan(2e-3));
    }
  });

  it('sees the same contrast whatever the exposure, and none on even ground', () => {
    const pixels = Float32Array.from(pixelsOf(1, 5), (value) => (60 + value / 2) / 255);
    const octant = Float32Array.of(0.5);
    const planes = hardwarePlanes(pixels, octant);
    const darker = hardwarePlanes(
      pixels.map((value) => value * 0.6),
      octant,
    );
    planes.forEach((value, i) => expect(Math.abs(darker[i]! - value)).toBeLessThan(1e-4));
    const even = hardwarePlanes(new Float32Array(AREA).fill(0.4), octant);
    for (let i = 0; i < even.length; i += INPUT_PLANES) {
      expect(Math.abs(even[i]!)).toBeLessThan(1e-6);
      expect(even[i + 4]).toBe(0.5);
    }
  });

  it('has under 110,000 weights', () => {
    const sizes = [...hardwareShapes().values()].map((shape) => shape.reduce((a, b) => a * b, 1));
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(110_000);
  });
});
