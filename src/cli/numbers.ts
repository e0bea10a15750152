import { InvalidArgumentError } from 'commander';

/** Parser of an option that takes a whole number from `low` to `high`. */
export function whole(low: number, high = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= low && value <= high) return value;
    const range = high === Infinity ? `${low} up` : `${low} to ${high}`;
    throw new InvalidArgumentError(`Give a whole number from ${range}.`);
  };
}

/** Parser of an option that takes a number from `low` to `high`. */
export function numberFrom(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Give a number from ${low} to ${high}.`);
  };
}

/** Parser of an option that takes any number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Give a number above 0.');
}

/** Parser of distances between tiles: one number, or two as 32x16. */
export function strides(text: string): { x: number; y: number } {
  const [, x = '', y = x] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? [];
  if (Number(x) >= 1 && Number(y) >= 1) return { x: Number(x), y: Number(y) };
  throw new InvalidArgumentError('Give a whole number above 0, or two as 32x16.');
}
