import type { WorkStatus } from '../api.js';
import { countText } from '../format.js';
import { element } from './dom.js';

/** What the daemon does, in one line. */
export function showStatus(root: HTMLElement, status: WorkStatus | null, images: number): void {
  const lanes = status === null ? [] : Object.values(status.lanes);
  const sum = (state: string) => lanes.reduce((total, lane) => total + (lane[state] ?? 0), 0);
  const [queued, claimed] = [sum('queued'), sum('claimed')];
  const parts = [countText(images, 'image') + ' scanned'];
  if (claimed > 0) parts.push(`${claimed} being scanned`);
  if (queued > 0) parts.push(`${queued} waiting`);
  if (status?.secondsPerScan != null) parts.push(`${status.secondsPerScan.toFixed(0)} s an image`);
  const busy = claimed > 0;
  const state = status === null ? 'off' : busy ? 'busy' : 'live';
  const text = status === null ? 'No connection: trying again' : busy ? 'Scanning' : 'Live';
  const line = [element('span', { className: `lamp ${state}`, textContent: text }), ` ${parts.join(' · ')}`];
  if (root.textContent !== `${text} ${parts.join(' · ')}`) root.replaceChildren(...line);
}
