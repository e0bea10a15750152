import { contentsOf, withoutXmlComments } from '../domain/xml-text.js';
import { refuse } from './faults.js';

/**
 * Passes when a PDS3, PDS4 or ISIS label names the Moon as its target, or names none (the archive's browse
 * labels do not).
 *
 * @param labelText the label, or a PDS3 product that begins with it
 * @param name file name for the message
 * @throws InvalidProductError `wrong_body` naming the target found
 */
export function assertMoonTarget(labelText: string, name: string): void {
  const targets = labelTargets(labelText);
  if (targets.length === 0 || targets.some(isMoon)) return;
  throw refuse(
    'wrong_body',
    `${name} is an image of ${targets.join(', ')}, not of the Moon, by its label; give an image of the Moon.`,
  );
}

/** The targets that a label names, as they are spelled there. */
export function labelTargets(labelText: string): string[] {
  return labelText.trimStart().startsWith('<') ? pds4Targets(labelText) : pds3Targets(labelText);
}

function pds4Targets(xml: string): string[] {
  return contentsOf(withoutXmlComments(xml), 'Target_Identification')
    .map((target) => contentsOf(target, 'name')[0]?.trim() ?? '')
    .filter((name) => name !== '');
}

/** `TARGET_NAME = MOON`, quoted or not, or a set or sequence of names; ISIS cubes write `TargetName`. */
function pds3Targets(label: string): string[] {
  const value = /^[ \t]*(?:TARGET_NAME|TargetName)\s*=\s*([({][^)}]*[)}]|"[^"]*"|'[^']*'|[^\s/]+)/im.exec(
    label,
  )?.[1];
  return (value ?? '')
    .split(/[(){},"']/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && !/^(N\/A|UNK|NULL)$/i.test(part));
}

function isMoon(target: string): boolean {
  return /^(the\s+)?(moon|luna)$/i.test(target);
}
