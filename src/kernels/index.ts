/** What runs per pixel, compiled to WebAssembly with SIMD; see `strip-kernels.ts` of the score threads. */
export { contrast, setWeight } from './contrast';
export { release, take } from './memory';
export { tilePlanes } from './tile-planes';
export { foundResponse, setDirections, setStep, strongest } from './tri';
