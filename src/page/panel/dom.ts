/** Makes an element with properties and children. Text is set as text, never as HTML. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  Object.assign(made, properties);
  made.append(...children);
  return made;
}

/** A link that opens elsewhere. Only the web's own addresses become links. */
export function link(href: string, text: string): HTMLAnchorElement {
  const made = element('a', { textContent: text, target: '_blank', rel: 'noopener noreferrer' });
  if (/^https?:\/\//.test(href)) made.href = href;
  return made;
}

/** The element of the page's HTML with this id. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} #${id}.`);
  return found;
}
