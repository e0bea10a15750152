/** What is compared, by its name in results. */
const SUBJECTS: Readonly<Record<string, string>> = {
  exact_onnx: 'Selenoscan, `exact` (fp32), onnxruntime',
  exact_onnx_1_core: 'Selenoscan, `exact` (fp32), one core',
  exact_openvino: 'Selenoscan, `exact` (fp32), OpenVINO',
  exact_tensorflow: 'Selenoscan, `exact` (fp32), TensorFlow',
  full: 'Selenoscan, `full` (int8, confirmed in fp32), onnxruntime',
  cascade: 'Selenoscan, `cascade`, onnxruntime',
  full_openvino: 'Selenoscan, `full` (bf16, confirmed in fp32), OpenVINO',
  cascade_openvino: 'Selenoscan, `cascade`, OpenVINO',
  torch_eager: 'PyTorch eager, fp32',
  torch_channels_last: 'PyTorch channels_last, fp32',
  torch_compile: 'PyTorch torch.compile, fp32',
  torch_best: 'PyTorch at its best (compiled, bf16, channels_last)',
  torch_eager_1_core: 'PyTorch eager, one core',
  torch_best_1_core: 'PyTorch at its best, one core',
  scan: '`selenoscan scan`',
  run: '`selenoscan run --once` into PostGIS',
  python_best: 'Python pipeline, PyTorch at its best',
  python_eager: 'Python pipeline, PyTorch eager',
};

const RATIOS: Readonly<Record<string, string>> = {
  scan_vs_torch_best: 'Selenoscan, `full`, against PyTorch at its best',
  scan_vs_torch_eager: 'Selenoscan, `full`, against PyTorch eager',
  scan_vs_torch_channels_last: 'Selenoscan, `full`, against PyTorch channels_last',
  cascade_vs_torch_best: '`cascade` against PyTorch at its best',
  int8_vs_fp32: '`full` against `exact`, onnxruntime',
  bf16_vs_fp32: '`full` against `exact`, OpenVINO',
  bf16_vs_int8: '`full` by OpenVINO against `full` by onnxruntime',
  fp32_vs_best_fp32: '`exact` against the fastest other fp32 engine',
  cascade_vs_full: '`cascade` against `full`',
  scan_vs_python_best: '`scan` against the Python pipeline at its best, warm',
  scan_vs_python_eager: '`scan` against the Python pipeline with eager PyTorch, warm',
  run_vs_python_best: '`run --once` against the Python pipeline at its best, warm',
  run_vs_python_eager: '`run --once` against the Python pipeline with eager PyTorch, warm',
  decode_vs_gdal: 'decoding against GDAL, by CPU time of one core',
};

/** A subject's or ratio's name for readers; one that is not known is spelt out. */
export function subjectName(name: string): string {
  return SUBJECTS[name] ?? spelt(name);
}

export function isSubject(name: string): boolean {
  return name in SUBJECTS;
}

/** What a note is about. */
export function noteName(name: string): string {
  if (name === 'best_fp32') return 'the fastest other fp32 engine';
  return name.endsWith('_setup')
    ? `${subjectName(name.slice(0, -'_setup'.length))}, run as`
    : subjectName(name);
}

export function ratioName(name: string): string {
  return (
    RATIOS[name] ??
    spelt(name.replace(/_cold$/, ' (with start and compilation)').replace('_vs_', ' against '))
  );
}

function spelt(name: string): string {
  return name.replaceAll('_', ' ');
}
