import type { ReviewStandingAnswer } from '../../http/contract.js';
import { countText } from '../format.js';
import { byId } from './dom.js';

/** How far the reviewing has come under the filters, and what it gained over looking everywhere. */
export class Progress {
  readonly #bar = byId('reviewed-bar', HTMLProgressElement);
  readonly #reviewed = byId('reviewed', HTMLElement);
  readonly #finds = byId('finds', HTMLElement);
  readonly #eomv = byId('eomv', HTMLElement);
  readonly #eomvNote = byId('eomv-note', HTMLElement);
  readonly #learned = byId('learned', HTMLElement);

  show({ detections, reviewed, efficiency, learned }: ReviewStandingAnswer): void {
    this.#bar.max = Math.max(1, detections);
    this.#bar.value = reviewed;
    this.#reviewed.textContent = `${reviewed.toLocaleString('en')} of ${detections.toLocaleString('en')}`;
    this.#finds.textContent = efficiency.finds.toLocaleString('en');
    this.#eomv.textContent = efficiency.eomv === null ? '–' : `${figure(efficiency.eomv)}×`;
    const { finds, looks, tiles, eomv_by_score: byScore } = efficiency;
    this.#eomvNote.textContent =
      finds === 0
        ? `Efficiency over manual vetting: known after the first find among ${countText(tiles, 'tile')}.`
        : `${countText(finds, 'find')} in ${countText(looks, 'look')} instead of ${countText(tiles, 'tile')}${byScore === null ? '' : `; by score alone ${figure(byScore)}×`}.`;
    this.#learned.hidden = learned.state === 'waiting';
    this.#learned.textContent = learned.remark;
  }
}

function figure(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 });
}
