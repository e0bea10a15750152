/** Eight float32 as bfloat16, to the nearest. */
export function narrowed(a: v128, b: v128): v128 {
  const half = i32x4.splat(0x8000);
  const x = i32x4.add(a, half);
  const y = i32x4.add(b, half);
  return i8x16.shuffle(x, y, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
}
