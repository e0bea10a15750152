/**
 * What a process of the deployment does. Of pollers, site builders and deliverers there is one at a time, whoever
 * asks to be one; scanners and pages may be many.
 */
export const ROLES = ['poll', 'scan', 'site', 'deliver', 'web'] as const;
export type Role = (typeof ROLES)[number];

export const ALL_ROLES: ReadonlySet<Role> = new Set(ROLES);
