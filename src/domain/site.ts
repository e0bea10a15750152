import type { LonLat } from './geometry.js';

/** What is known of a place that one or more images saw; docs/sites.md defines each by numbers. */
export const SITE_STATUSES = ['new', 'persistent', 'transient', 'known'] as const;
export type SiteStatus = (typeof SITE_STATUSES)[number];

/** What one build of the sites made of one of them; alerts on a site's status follow from it. */
export interface SiteEvent {
  readonly siteId: number;
  readonly status: SiteStatus;
  /** Before this build; null where the site is of this build. */
  readonly previous: SiteStatus | null;
  /** Whether this build found a change: nothing there in an earlier look under like light, something in this one. */
  readonly changed: boolean;
  /** Primary keys of the detections that joined the site in this build, best first. */
  readonly joined: readonly number[];
}

/** A detection on the Moon. */
export interface SiteDetection extends LonLat {
  readonly pk: number;
  /** The same whatever the order in which scans were committed. */
  readonly detectionId: string;
  readonly imageId: string;
  readonly uncertaintyM: number;
  readonly sample: number;
  readonly line: number;
  /** Larger extent of the object, metres. */
  readonly sizeM: number;
  readonly score: number;
  /** The site that it belongs to so far. */
  readonly siteId: number | null;
}

/** How two overlapping images lie to one another. */
export interface MutualOffset {
  /** Whether the images lie so: enough windows match, and agree. */
  readonly accepted: boolean;
  /** How far the second image puts the ground from where the first does, in the middle of the tie points, metres. */
  readonly offsetEastM: number;
  readonly offsetNorthM: number;
  /** Root mean square of what is left per axis after offset, turn and scale, metres. */
  readonly residualM: number;
  /** Standard deviation per axis of what the light's difference moves all tie points alike, metres. */
  readonly shadingM: number;
  /** Median normalised cross-correlation of the tie points, 0..1. */
  readonly correlation: number;
  /** Median of the second peak's part of the best one, 0..1. */
  readonly second: number;
  /** Share of the windows that matched which agree with one another. */
  readonly agreement: number;
  /** Ground in both images, square kilometres. */
  readonly overlapKm2: number;
}

/** What the images over a place say of it. */
export interface SiteVerdict {
  readonly evidence: Exclude<SiteStatus, 'known'>;
  /** Looks that cover the place. */
  readonly looks: number;
  /** Looks that show it. */
  readonly sightings: number;
  /** Looks that scored clearly below there. */
  readonly emptyLooks: number;
  readonly seenIn: readonly number[];
  readonly emptyIn: readonly number[];
  /**
   * The last look that shows a change, and the first sighting after it: it saw nothing, before any sighting, under
   * light like that of one and with shadows no shorter. Null where there is none, where one sighting alone scores too
   * low to be sure of, and where the site is transient.
   */
  readonly change: { readonly after: Date; readonly before: Date } | null;
}
