/** What is known of a detection at the moment it matched a rule: kept with the alert, told as it was. */
export interface AlertFacts {
  readonly id: number;
  readonly product_id: string;
  readonly product_version: string;
  readonly image_id: string;
  /** ISO 8601, as all times here. */
  readonly observed_at: string;
  readonly scanned_at: string;
  readonly score: number;
  readonly rank_in_image: number;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly uncertainty_m: number | null;
  readonly width_m: number | null;
  readonly height_m: number | null;
  readonly line: number;
  readonly sample: number;
  readonly incidence_deg: number | null;
  readonly sun_azimuth_deg: number | null;
  readonly resolution_m: number | null;
  readonly model_id: string;
  readonly code_version: string;
  readonly site_id: number | null;
  readonly site_status: string | null;
  /** Whether the build of the sites found a change there; null where it was not asked. */
  readonly site_changed: boolean | null;
  readonly known_object: string | null;
  readonly nearest_feature: string | null;
  readonly product_url: string;
}

/** What a digest tells: the best, how many there were, and of which time. */
export interface DigestFacts {
  readonly items: readonly AlertFacts[];
  readonly count: number;
  readonly since: string;
  readonly until: string;
}
