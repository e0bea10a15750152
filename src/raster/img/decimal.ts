/** A decimal number as labels write it, NaN for all else: `Number` alone takes blanks and hexadecimal too. */
export function decimal(spelled: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(spelled) ? Number(spelled) : NaN;
}
