/** NAC images of the Moon: other first letters are calibration, stars and the Earth (lroc-archive 1.1). */
const NAC_PRODUCT_ID = /^M\d{9,10}[LR][EC]$/;

/** Whether a product id names a NAC image of the Moon. */
export function isNacProductId(id: string): boolean {
  return NAC_PRODUCT_ID.test(id);
}

/** `M1271742202LC` and `M1271742202LE` are one image: `M1271742202L`. */
export function imageIdOf(productId: string): string {
  return productId.slice(0, -1);
}
