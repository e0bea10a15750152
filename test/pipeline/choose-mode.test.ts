import { describe, expect, it } from 'vitest';
import { chooseMode, passesOf, type ModeMeans } from '../../src/pipeline/choose-mode.js';

const ALL: ModeMeans = {
  modelId: 'starter@0',
  score: 'c',
  learned: true,
  screens: { vae: true, net: true },
  bounds: true,
};

describe('the mode of a scan', () => {
  it('is the fastest that the model and the engine have, where none is asked for', () => {
    expect(chooseMode('auto', ALL)).toBe('cascade');
    expect(chooseMode('auto', { ...ALL, bounds: false })).toBe('cascade');
    expect(chooseMode('auto', { ...ALL, score: 'l2' })).toBe('full');
    expect(chooseMode('auto', { ...ALL, score: 'l2', bounds: false })).toBe('exact');
    expect(chooseMode('auto', { ...ALL, score: 'l2', screens: { vae: false, net: false } })).toBe('exact');
  });

  it('is the one that is asked for, or refused with what is missing', () => {
    for (const mode of ['exact', 'full', 'cascade'] as const) expect(chooseMode(mode, ALL)).toBe(mode);
    expect(() => chooseMode('full', { ...ALL, bounds: false })).toThrow(/no int8 graphs.*starter@0.*auto/);
    expect(() => chooseMode('full', { ...ALL, screens: { vae: false, net: true } })).toThrow(/the engine/);
    expect(() => chooseMode('cascade', { ...ALL, score: 'l2' })).toThrow(/l2.*autoencoder/);
  });

  it('screens with the learned scorer only where its bounds are known', () => {
    expect(passesOf('exact', ALL)).toEqual({ vae: 'fp32', net: 'fp32' });
    expect(passesOf('full', ALL)).toEqual({ vae: 'screened', net: 'screened' });
    expect(passesOf('cascade', ALL)).toEqual({ vae: 'unseen', net: 'screened' });
    expect(passesOf('cascade', { ...ALL, bounds: false })).toEqual({ vae: 'unseen', net: 'fp32' });
    expect(passesOf('cascade', { ...ALL, learned: false })).toEqual({ vae: 'unseen', net: 'fp32' });
  });
});
