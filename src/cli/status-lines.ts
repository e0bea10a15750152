import type { Capacity } from '../domain/capacity.js';
import { SCAN_STATES, type Lane } from '../domain/scan.js';
import type { DeploymentStatus } from '../pipeline/deployment-status.js';
import type { ArchiveHost } from '../store/queries/archive-hosts.js';
import type { ReleaseRate } from '../store/queries/release-rate.js';
import { durationText } from './quantities.js';

/** How a deployment stands, for people: a line each, its name in the first column. */
export function statusLines(model: string, status: DeploymentStatus): string[] {
  const { lanes, paused, lastRelease, skipped, errors, hosts } = status;
  return [
    line('model', model),
    ...(Object.keys(lanes) as Lane[]).map((lane) => line(lane, laneText(status, lane))),
    ...(Object.keys(paused) as Lane[]).map((lane) => line('PAUSED', pauseText(lane, paused[lane]))),
    line('last hour', `${status.scannedLastHour} scans; last day ${status.scannedLastDay}`),
    ...paceLines(status.capacity, status.archive),
    ...(lastRelease === null
      ? []
      : [line('last release', `${lastRelease.volumeId}, seen ${lastRelease.discoveredAt.toISOString()}`)]),
    ...(skipped.length === 0
      ? []
      : [line('skipped', skipped.map(({ code, count }) => `${count} ${code}`).join(', '))]),
    ...errors.map(({ state, code, count }) => line(state, `${count} x ${code}`)),
    ...hosts.filter(isWorthSaying).map((host) => line('archive', hostText(host))),
  ];
}

/** What the deployment does in a day against what the archive gives it. */
export function paceLines(capacity: Capacity | null, archive: ReleaseRate | null): string[] {
  const lines: string[] = [];
  if (capacity !== null)
    lines.push(
      line(
        'scans',
        `${perDay(capacity.imagesPerDay)} images a day while there is work (last ${capacity.scans})`,
      ),
    );
  if (archive === null) return lines;
  const { imagesPerDay, wantedPerDay, pixelsPerDay } = archive;
  const share = capacity === null ? null : pixelsPerDay / (capacity.pixelsPerSecond * 86_400);
  lines.push(
    line(
      'releases',
      `${perDay(imagesPerDay)} images a day by the time they were taken, ${perDay(wantedPerDay)} of them wanted${
        share === null
          ? ''
          : share <= 1
            ? `: ${percent(share)} of what this deployment can do`
            : `: ${share.toFixed(1)} times what this deployment can do, so the backlog grows`
      }`,
    ),
  );
  return lines;
}

function laneText({ lanes, etaSeconds, backfillEtaSeconds }: DeploymentStatus, lane: Lane): string {
  const counts = lanes[lane];
  const parts = SCAN_STATES.filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${state}`);
  const eta = lane === 'live' ? etaSeconds : backfillEtaSeconds;
  const left = counts.queued + counts.claimed;
  const end = left === 0 || eta === null ? '' : `; done in about ${durationText(eta)}`;
  return (parts.join(', ') || 'empty') + end;
}

function pauseText(lane: Lane, pause: DeploymentStatus['paused'][Lane]): string {
  const why = pause?.reason ? ` (${pause.reason})` : '';
  return `${lane} since ${pause?.since.toISOString() ?? '?'}${why}; \`selenoscan resume\` goes on`;
}

function isWorthSaying({ circuit, notBefore }: ArchiveHost): boolean {
  return circuit !== 'closed' || notBefore !== null;
}

function hostText({ host, circuit, failures, notBefore, lastError }: ArchiveHost): string {
  const until = notBefore === null ? '' : ` until ${notBefore.toISOString()}`;
  if (circuit === 'closed') return `${host} asked to be left alone${until}`;
  const how = circuit === 'open' ? `is not asked${until}` : 'is tried again by the next request';
  return `${host} ${how}: ${failures} requests failed in a row, the last with: ${lastError ?? '?'}`;
}

function line(name: string, text: string): string {
  return `${name.padEnd(13)} ${text}`;
}

function perDay(rate: number): string {
  return rate < 10 ? rate.toPrecision(2) : Math.round(rate).toString();
}

function percent(share: number): string {
  return `${share < 0.1 ? (share * 100).toPrecision(2) : Math.round(share * 100)} %`;
}
