import { byId, element } from './dom.js';

/** What each key does, for the page itself and its help. */
export const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['A'], 'Accept: something is there that is no plain terrain'],
  [['R'], 'Reject: plain terrain, a boulder, light'],
  [['K'], 'Known: a human-made object that is known'],
  [['X'], 'Artefact: of the camera or the processing'],
  [['N'], 'Note'],
  [['U'], 'Undo the last verdict or note'],
  [['→', '←'], 'Next, previous'],
  [['↓', '↑'], 'A row down, up'],
  [['Page Down', 'Page Up'], 'A page down, up'],
  [['Home', 'End'], 'First, last loaded'],
  [['S', 'Space'], 'Next one that nobody has reviewed'],
  [['Enter'], 'Close-up on the map'],
  [['M'], 'To the map: arrow keys pan, + and - zoom'],
  [['G'], 'To the grid'],
  [['F'], 'To the filters'],
  [['O'], 'Order by score, or as learnt from the reviews'],
  [['?'], 'These keys'],
  [['Escape'], 'Close, or back to the grid'],
];

const KEPT_AS = 'selenoscan.keys';

/** The list of keys, and the switch that turns single letters off for those whom they are in the way of. */
export class Help {
  readonly #dialog = byId('help', HTMLDialogElement);
  readonly #letters = byId('letters', HTMLInputElement);

  constructor() {
    byId('keys', HTMLElement).replaceChildren(
      ...KEYS.flatMap(([keys, what]) => [
        element(
          'dt',
          {},
          keys.flatMap((key) => [element('kbd', { textContent: key }), ' ']),
        ),
        element('dd', { textContent: what }),
      ]),
    );
    this.#letters.checked = this.letters;
    this.#letters.addEventListener('change', () =>
      localStorage.setItem(KEPT_AS, this.#letters.checked ? 'on' : 'off'),
    );
    byId('show-help', HTMLButtonElement).addEventListener('click', () => this.open());
    byId('close-help', HTMLButtonElement).addEventListener('click', () => this.#dialog.close());
  }

  /** Whether single letters do something. */
  get letters(): boolean {
    return localStorage.getItem(KEPT_AS) !== 'off';
  }

  open(): void {
    if (!this.#dialog.open) this.#dialog.showModal();
  }
}
