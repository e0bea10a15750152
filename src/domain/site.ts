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
