import { z } from 'zod';
import { key, number } from '../key.js';

/** How detections of several images are joined to places, and what is said of these. */
export const sites = z.strictObject({
  every_s: key(number(0.05, 86_400, 10), {
    description: 'How often the site builder looks for scans that were committed.',
    unit: 's',
  }),
  radius: key(number(0.1, 10, 1.2), {
    description:
      'Detections of several images may be one place within so many combined 95 % radii of their places: 1.2 held all of 587 true pairs that were simulated, so that a place seen twenty times stays one site.',
  }),
  chance: key(number(0, 1, 0.01), {
    description:
      'Two detections are joined only where fewer false partners than this are expected within that distance, at the density of detections there.',
  }),
  register_light: key(number(0, 180, 45), {
    description:
      'Images are registered with one another where their Suns, as seen from the ground, are at most so far apart.',
    unit: 'deg',
  }),
  like_incidence: key(number(0, 90, 60), {
    description: 'Looks under like light have incidence angles below this.',
    unit: 'deg',
  }),
  like_difference: key(number(0, 90, 15), {
    description: 'And incidence angles that differ by no more than this.',
    unit: 'deg',
  }),
  like_azimuth: key(number(0, 180, 15), {
    description: 'And Suns whose azimuths on the ground differ by no more than this.',
    unit: 'deg',
  }),
  margin: key(number(0, 100, 2), {
    description:
      "A look saw nothing at a site where its highest score there lies this far below the site's sightings: 2 = a plain tile reaches it a hundred times as often.",
  }),
  change_score: key(number(0, 1000, 6), {
    description:
      'A site that one look alone shows is reported as a change from this score on: 6 = one plain tile in a million. Two looks that show it are enough at any score.',
  }),
  persistence: key(number(0, 1, 0.5), {
    description:
      'Share of the looks under like light, from the first sighting on, that must show a site; below it is transient.',
  }),
});
