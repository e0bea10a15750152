import { describe, expect, test } from 'vitest';
import { allLayers, multiplyAdds, vaeLayers } from '../../src/model/vae-layers.js';
import { weightShapes } from '../../src/model/weight-shapes.js';

describe('the paper’s VAE', () => {
  test('costs 156,958,720 multiply-adds per tile with three channels and 155,779,072 with one', () => {
    expect(multiplyAdds(vaeLayers({ family: 'vae', channels: 3, latent: 64 }))).toBe(156_958_720);
    expect(multiplyAdds(vaeLayers({ family: 'vae', channels: 1, latent: 64 }))).toBe(155_779_072);
  });

  test('goes to 128 channels of 16 x 16 and back in mirrored strides', () => {
    const { encoder, decoder, mu, decoderDense } = vaeLayers({ family: 'vae', channels: 3, latent: 64 });
    expect(encoder.map(({ outputs }) => outputs)).toEqual([32, 64, 128, 128]);
    expect(encoder.map(({ stride }) => stride)).toEqual([2, 1, 2, 1]);
    expect(decoder.map(({ stride }) => stride)).toEqual([1, 2, 1, 2]);
    expect(decoder.map(({ outputs }) => outputs)).toEqual([128, 64, 32, 3]);
    expect(mu.inputs).toBe(128 * 16 * 16);
    expect(decoderDense.outputs).toBe(128 * 16 * 16);
  });

  test('has eight encoding layers: convolutions and batch norms in turn', () => {
    const { encoder } = vaeLayers({ family: 'vae', channels: 1, latent: 64 });
    expect(encoder.flatMap(({ ending }) => ['convolution', ending])).toHaveLength(8);
    expect(encoder.every(({ ending }) => ending === 'norm-relu')).toBe(true);
  });

  test.each([8, 64, 2048])('takes a code of %i', (latent) => {
    const shapes = weightShapes({ family: 'vae', channels: 1, latent });
    expect(shapes.get('mu.weight')).toEqual([latent, 32768]);
    expect(shapes.get('decoder.dense.weight')).toEqual([32768, latent]);
  });

  test('names every weight once, by its layer', () => {
    const architecture = { family: 'vae', channels: 3, latent: 64 } as const;
    const names = [...weightShapes(architecture).keys()];
    const layers = allLayers(vaeLayers(architecture)).map(({ name }) => name);
    expect(names.every((name) => layers.some((layer) => name.startsWith(`${layer}.`)))).toBe(true);
    expect(names).toHaveLength(7 * 5 + 3 * 2 + 2);
  });
});

describe('the VAE of the follow-up of 2024', () => {
  const architecture = { family: 'vae2024', channels: 1, latent: 256 } as const;

  test('goes by 16, 32, 64 and 128 channels from 64 x 64 to 16 x 16 and back', () => {
    const { encoder, decoder, mu, decoderDense } = vaeLayers(architecture);
    expect(encoder.map(({ outputs, stride }) => [outputs, stride])).toEqual([
      [16, 1],
      [32, 2],
      [64, 1],
      [128, 2],
    ]);
    expect(decoder.map(({ outputs, stride, size }) => [outputs, stride, size])).toEqual([
      [64, 2, 16],
      [32, 1, 32],
      [16, 2, 32],
      [1, 1, 64],
    ]);
    expect([mu.inputs, mu.outputs, decoderDense.outputs]).toEqual([32768, 256, 32768]);
  });

  test('costs 102,891,520 multiply-adds per tile', () => {
    // Of a pixel of each layer: 9 * inputs * outputs, times its pixels; the decoder's strides spread their input.
    const encoder = 9 * (16 * 64 ** 2 + 16 * 32 * 32 ** 2 + 32 * 64 * 32 ** 2 + 64 * 128 * 16 ** 2);
    const decoder = 9 * (128 * 64 * 16 ** 2 + 64 * 32 * 32 ** 2 + 32 * 16 * 32 ** 2 + 16 * 64 ** 2);
    expect(multiplyAdds(vaeLayers(architecture))).toBe(encoder + decoder + 2 * 32768 * 256);
    expect(multiplyAdds(vaeLayers(architecture))).toBe(102_891_520);
  });
});
