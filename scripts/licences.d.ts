export interface Lockfile {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly license?: string;
        readonly dev?: boolean;
        readonly integrity?: string;
        readonly resolved?: string;
        readonly hasInstallScript?: boolean;
        readonly link?: boolean;
      }
    >
  >;
}
export interface LicenceGroup {
  readonly licence: string;
  readonly kind: 'permissive' | 'weak' | 'other';
  readonly packages: readonly string[];
}
export function licencesOf(lock: Lockfile): LicenceGroup[];
export function kindOf(expression: string): LicenceGroup['kind'];
export function describeLicences(lock: Lockfile): string;
export function readLock(): Lockfile & { readonly lockfileVersion: number };
