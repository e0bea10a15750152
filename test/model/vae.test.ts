import { describe, expect, test } from 'vitest';
import { allLayers, multiplyAdds, vaeLayers, weightShapes } from '../../src/model/vae.js';

describe('the paper’s VAE', () => {
  test('costs 156,958,720 multiply-adds per tile with three channels and 155,779,072 with one', () => {
    expect(multiplyAdds(vaeLayers({ channels: 3, latent: 64 }))).toBe(156_958_720);
    expect(multiplyAdds(vaeLayers({ channels: 1, latent: 64 }))).toBe(155_779_072);
  });

  test('goes to 128 channels of 16 x 16 and back in mirrored strides', () => {
    const { encoder, decoder, mu, decoderDense } = vaeLayers({ channels: 3, latent: 64 });
    expect(encoder.map(({ outputs }) => outputs)).toEqual([32, 64, 128, 128]);
    expect(encoder.map(({ stride }) => stride)).toEqual([2, 1, 2, 1]);
    expect(decoder.map(({ stride }) => stride)).toEqual([1, 2, 1, 2]);
    expect(decoder.map(({ outputs }) => outputs)).toEqual([128, 64, 32, 3]);
    expect(mu.inputs).toBe(128 * 16 * 16);
    expect(decoderDense.outputs).toBe(128 * 16 * 16);
  });

  test('has eight encoding layers: convolutions and batch norms in turn', () => {
    const { encoder } = vaeLayers({ channels: 1, latent: 64 });
    expect(encoder.flatMap(({ ending }) => ['convolution', ending])).toHaveLength(8);
    expect(encoder.every(({ ending }) => ending === 'norm-relu')).toBe(true);
  });

  test.each([8, 64, 2048])('takes a code of %i', (latent) => {
    const shapes = weightShapes({ channels: 1, latent });
    expect(shapes.get('mu.weight')).toEqual([latent, 32768]);
    expect(shapes.get('decoder.dense.weight')).toEqual([32768, latent]);
  });

  test('names every weight once, by its layer', () => {
    const architecture = { channels: 3, latent: 64 };
    const names = [...weightShapes(architecture).keys()];
    const layers = allLayers(vaeLayers(architecture)).map(({ name }) => name);
    expect(names.every((name) => layers.some((layer) => name.startsWith(`${layer}.`)))).toBe(true);
    expect(names).toHaveLength(7 * 5 + 3 * 2 + 2);
  });
});
