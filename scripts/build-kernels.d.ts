export function buildKernels(): void;
