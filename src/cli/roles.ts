import { InvalidArgumentError } from 'commander';
import { ALL_ROLES, ROLES, type Role } from '../domain/role.js';

/**
 * `all`, or some roles with commas between.
 * @throws InvalidArgumentError, which commander turns into a message
 */
export function rolesOf(text: string): ReadonlySet<Role> {
  if (text === 'all') return ALL_ROLES;
  const roles = text.split(',').map((name) => {
    const role = ROLES.find((one) => one === name.trim());
    if (role === undefined)
      throw new InvalidArgumentError(
        `"${name.trim()}" is no role; say all, or some of ${ROLES.join(', ')} with commas between.`,
      );
    return role;
  });
  return new Set(roles);
}
