/** The detection that an address names, as `#detection/12`; null where it names none. */
export function linkedDetection(hash: string): number | null {
  const id = /^#detection\/(\d{1,15})$/.exec(hash)?.[1];
  return id === undefined ? null : Number(id);
}
