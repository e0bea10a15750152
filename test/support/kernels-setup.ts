import { buildKernels } from '../../scripts/build-kernels.js';

/** Tests of sources need the kernels compiled from the same. */
export default buildKernels;
