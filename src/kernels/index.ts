/** What runs per pixel, compiled to WebAssembly with SIMD; see `strip-kernels.ts` of the score threads, `histograms.ts` of the tiling and `sample-kernels.ts` of the raster. */
export { contrast, setWeight } from './contrast';
export { countArea, countWithin, medianDistance, medianLevel, sumCounters } from './histogram';
export {
  levelsOfBytes,
  levelsOfFloats,
  levelsOfShorts,
  numbersOfBytes,
  numbersOfFloats,
  numbersOfShorts,
  setMeaning,
  setStretch,
} from './levels';
export { lightAround } from './light';
export { release, take } from './memory';
export { undoDifferences, undoFloatDifferences } from './predictor';
export { countByLower, countByUpper } from './ranks';
export {
  addWeighted,
  eraseUnseen,
  everyNth,
  floatsOfDoubles,
  floatsOfWords,
  spreadBytes,
  swapBytes,
} from './samples';
export { tilePlanes } from './tile-planes';
export { foundResponse, setDirections, setStep, strongest } from './tri';
