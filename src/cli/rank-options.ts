import { InvalidArgumentError } from 'commander';

export interface RankFlags {
  readonly budget: Budget;
  readonly out: string;
  readonly unit: 'images' | 'tiles';
  readonly tileBytes?: number;
  readonly prior: number;
  readonly alike: number;
  readonly labels?: string;
  readonly sun?: string;
  readonly index?: string;
  readonly stride?: { readonly x: number; readonly y: number };
  readonly config?: string;
  readonly json?: boolean;
}

/** Bytes, or a share of all that could be sent. */
export type Budget = { readonly bytes: number } | { readonly share: number };

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9 };

/** @throws InvalidArgumentError for anything but `20MB`, `500kB`, plain bytes or `10%` */
export function budgetOf(text: string): Budget {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) ?([kMG]?B|%)?$/i.exec(text.trim()) ?? [];
  const value = Number(digits ?? NaN);
  if (value > 0 && unit === '%' && value <= 100) return { share: value / 100 };
  const scale = UNITS[unit.toLowerCase()];
  if (value > 0 && scale !== undefined) return { bytes: Math.floor(value * scale) };
  throw new InvalidArgumentError('Give bytes such as 20MB or 500kB, or a share of all such as 10%.');
}

export function shareBelow1(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 1))
    throw new InvalidArgumentError('It must be a number between 0 and 1.');
  return value;
}

export function numberFrom0(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It must be a number, 0 or more.');
  return value;
}
