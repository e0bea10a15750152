import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { currentGeoPackage } from '../../src/cli/export-project.js';
import { qgisProject } from '../../src/cli/qgis-project.js';
import { configSchema } from '../../src/config/schema.js';
import { KNOWN, SCORE_CLASSES } from '../../src/exports/qgis/style-table.js';
import { ellipsoidOf } from '../../src/exports/qgis/crs.js';
import {
  PROJECT_VIEWS,
  PROJECT_VIEW_NAMES,
  type ProjectViewName,
} from '../../src/exports/qgis/project-views.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { announce, claim, sampleDetection, sampleProduct, sampleResult } from '../store/samples.js';
import { desktopMissing, openInDesktop } from './desktop.js';
import { createFixture, describeInQgis, gdal, type Fixture } from './fixture.js';
import { askQgis } from './qgis.js';
import { QUARTERS, startMapServer } from './tile-server.js';

const PICTURES = fileURLToPath(new URL('../../docs/gis/', import.meta.url));

/** Renderer and number of classes that each view opens with. */
const VIEWS = {
  detections: { geometry: 'Point', renderer: 'graduatedSymbol', classes: 7, labels: false },
  detection_outlines: { geometry: 'MultiPolygon', renderer: 'graduatedSymbol', classes: 6, labels: false },
  sites: { geometry: 'Point', renderer: 'categorizedSymbol', classes: 3, labels: false },
  coverage: { geometry: 'MultiPolygon', renderer: 'graduatedSymbol', classes: 5, labels: false },
  coverage_cells: { geometry: 'Polygon', renderer: 'graduatedSymbol', classes: 5, labels: false },
  known_objects: { geometry: 'Point', renderer: 'singleSymbol', classes: 0, labels: true },
  features: { geometry: 'Point', renderer: 'nullSymbol', classes: 0, labels: true },
} as const;
const VIEW_NAMES = Object.keys(VIEWS) as (keyof typeof VIEWS)[];

interface Crs {
  readonly authid: string;
  readonly valid: boolean;
  readonly geographic: boolean;
}

interface Layer {
  readonly id: string;
  readonly name: string;
  readonly valid: boolean;
  readonly crs: Crs;
  readonly provider: string;
  readonly renderer?: { readonly type: string; readonly classes: readonly { readonly label: string }[] };
  readonly labels?: boolean;
  readonly mapTip?: boolean;
  readonly actions?: readonly string[];
  readonly notified?: readonly [boolean, string];
  readonly extent?: readonly number[];
}

interface Project {
  readonly read: boolean;
  readonly error: string;
  readonly bad: readonly string[];
  readonly title: string;
  readonly crs: Crs;
  readonly ellipsoid: string;
  readonly distances: Readonly<Record<string, number>>;
  readonly groups: readonly string[];
  readonly layers: readonly Layer[];
  readonly themes: readonly string[];
  readonly bookmarks: readonly string[];
  readonly attachments: readonly string[];
}

interface Drawn {
  readonly bad: readonly string[];
  readonly maps: readonly {
    readonly scale: number;
    readonly errors: readonly string[];
    readonly pixels: Readonly<Record<string, readonly [number, number, number]>>;
  }[];
}

/** Lines of one degree of a great circle, and how many degrees a measuring user is told: one where maps are in degrees. */
const LINES: Readonly<Record<ProjectViewName, readonly (readonly [Line, number])[]>> = {
  global: everywhere(),
  far: everywhere(),
  // Stereographic maps stretch what lies away from the pole: 0.01 % at 89 degrees, 7 % at the rim.
  north: [
    [lineNorth(30, 89), 1.0002],
    [lineNorth(120, 79), 1.0085],
    [lineNorth(-60, 60), 1.0693],
  ],
  south: [
    [lineNorth(30, -90), 1.0001],
    [lineNorth(120, -80), 1.0085],
    [lineNorth(-60, -61), 1.0693],
  ],
  equirectangular: [
    [lineNorth(10, 70), 1],
    [
      [
        [10, 0],
        [11, 0],
      ],
      1,
    ],
  ],
};
type Line = readonly [readonly [lon: number, lat: number], readonly [lon: number, lat: number]];
function lineNorth(lon: number, lat: number): Line {
  return [
    [lon, lat],
    [lon, lat + 1],
  ];
}
function everywhere(): [Line, number][] {
  return [
    [
      [
        [0, 0],
        [1, 0],
      ],
      1,
    ],
    [
      [
        [-0.5, 0],
        [0.5, 0],
      ],
      1,
    ],
    [
      [
        [179.5, 0],
        [-179.5, 0],
      ],
      1,
    ],
    [lineNorth(30, 88.5), 1],
    [lineNorth(-150, -60), 1],
    // Over the pole.
    [
      [
        [20, 89.5],
        [-160, 89.5],
      ],
      1,
    ],
  ];
}

const authidOf = (view: ProjectViewName) => {
  const { srid } = PROJECT_VIEWS[view];
  return srid === 'east360' ? '' : `IAU_2015:${srid}`;
};

const MOON: Crs = { authid: 'IAU_2015:30100', valid: true, geographic: true };

describeInQgis('QGIS', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture?.close());

  const projectOf = async (path: string, lines: readonly Line[] = []) => {
    const pairs = Object.fromEntries(lines.entries());
    const { answer, messages } = await askQgis<Project>({ do: 'project', path, pairs });
    expect(messages).toEqual([]);
    expect(answer).toMatchObject({ read: true, error: '', bad: [] });
    return answer;
  };
  const draw = async (path: string, maps: readonly Readonly<Record<string, unknown>>[]) => {
    const { answer, messages } = await askQgis<Drawn>({ do: 'render', path, maps });
    expect(messages).toEqual([]);
    expect(answer.bad).toEqual([]);
    expect(answer.maps.flatMap(({ errors }) => errors)).toEqual([]);
    return answer.maps;
  };
  const count = async (view: string) => {
    const [row] = await fixture.db.query<{ count: number }>(
      `SELECT count(*)::integer FROM selenoscan.${view}`,
    );
    return row?.count ?? 0;
  };
  /** The best detection of an image, and where it lies. */
  const bestOf = async (productId: string) => {
    const [row] = await fixture.db.query<{ id: number; lon: number; lat: number; score: number }>(
      `SELECT id, lon, lat, score FROM selenoscan.detections
       WHERE product_id = $1 AND known_object IS NULL ORDER BY score DESC LIMIT 1`,
      [productId],
    );
    if (row === undefined) throw new Error(`${productId} has no detection.`);
    return row;
  };

  /** The best detection of each degree within 10 degrees of 180 that the far side's map opens on. */
  const besideAntimeridian = () =>
    fixture.db.query<{ id: number; lon: number; lat: number; score: number }>(
      `SELECT DISTINCT ON (floor(lon)) id, lon, lat, score FROM selenoscan.detections
       WHERE abs(lon) > 170 AND abs(lat) < 44 AND known_object IS NULL ORDER BY floor(lon), score DESC`,
    );

  it('opens each view by hand with the lunar coordinate system, all rows and the default style', async () => {
    const uris = VIEW_NAMES.map(
      (view) =>
        `${fixture.libpq} key='id' srid=30100 type=${VIEWS[view].geometry} checkPrimaryKeyUnicity='1' table="selenoscan"."${view}" (geom)`,
    );
    const { answer } = await askQgis<(Layer & { count: number; polar: [number, number] })[]>({
      do: 'views',
      uris,
    });
    for (const [i, view] of VIEW_NAMES.entries()) {
      const layer = answer[i];
      const expected = VIEWS[view];
      expect(layer, view).toMatchObject({ valid: true, crs: MOON, labels: expected.labels, mapTip: true });
      expect(layer?.renderer?.type, view).toBe(expected.renderer);
      expect(layer?.renderer?.classes, view).toHaveLength(expected.classes);
      expect(layer?.count, view).toBe(await count(view));
      // 90 E, 80 N on the north polar map: 2 R tan(5 deg).
      expect(layer?.polar[0]).toBeCloseTo(304_005.608, 2);
      expect(layer?.polar[1]).toBeCloseTo(0, 2);
    }
    expect(answer[0]?.actions).toEqual(['Open in the archive', 'Open in Selenoscan']);
  });

  it.each(PROJECT_VIEW_NAMES)(
    'opens the project %s without a warning, and measures on the Moon',
    async (view) => {
      const lines = LINES[view];
      const project = await projectOf(
        fixture.project(view),
        lines.map(([line]) => line),
      );
      expect(project).toMatchObject({
        title: PROJECT_VIEWS[view].title,
        crs: { authid: authidOf(view), valid: true },
        ellipsoid: ellipsoidOf(PROJECT_VIEWS[view].srid),
        groups: ['Detections', 'Reference', 'Coverage'],
        themes: ['Coverage', 'Detections', 'Everything'],
        attachments: ['graticule.geojson'],
      });
      expect(project.layers.map(({ name }) => name)).toEqual([
        'Best 2000 of the Moon',
        'Detections',
        'Outlines',
        'Sites',
        'Known objects',
        'Named features',
        'Graticule',
        'Images looked at',
        'Last seen',
      ]);
      for (const layer of project.layers) {
        expect(layer, layer.name).toMatchObject({ valid: true, crs: MOON, extent: [-180, -90, 180, 90] });
        if (layer.provider === 'postgres') expect(layer.mapTip, layer.name).toBe(true);
      }
      for (const [i, [line, stretch]] of lines.entries()) {
        expect((project.distances[i] ?? NaN) / 30_323.3504, JSON.stringify(line)).toBeCloseTo(stretch, 3);
      }
    },
  );

  it('lists and opens the projects that the database holds', async () => {
    const { hostname, port, pathname, username } = fixture.url;
    const where = `postgresql://${username}@${hostname}:${port}?sslmode=disable&dbname=${pathname.slice(1)}&schema=public`;
    for (const view of PROJECT_VIEW_NAMES) {
      const { title } = PROJECT_VIEWS[view];
      const project = await projectOf(`${where}&project=${encodeURIComponent(title)}`);
      expect(project.title).toBe(title);
      expect(project.layers.every(({ valid }) => valid)).toBe(true);
    }
  });

  it('draws the whole Moon, both poles, the antimeridian and one image, each thing in its colour and place', async () => {
    const { rich, polar, split } = fixture.seeded;
    const best = await bestOf(rich.productId);
    const polarBest = await bestOf(polar.productId);
    const splitBest = await bestOf(split.productId);
    const beside = await besideAntimeridian();
    const at = ({ lon, lat }: { lon: number; lat: number }) => [lon, lat];
    const colourOf = (score: number) =>
      SCORE_CLASSES.find(({ from }) => score >= from)?.colour.slice(0, 3) ?? [];
    const { extent } = PROJECT_VIEWS.global;
    const whole = [extent.xmin, extent.ymin, extent.xmax, extent.ymax];
    const cap = PROJECT_VIEWS.north.extent;
    const pole = [cap.xmin, cap.ymin, cap.xmax, cap.ymax];
    const out = (name: string) => join(PICTURES, `${name}.png`);
    const image = { center: at(rich.center), half: 26_000, size: [1000, 1000] };

    const [tile] = await fixture.db.query<{ lon: number; lat: number }>(
      `SELECT ST_X(corner) AS lon, ST_Y(corner) AS lat
       FROM (SELECT ST_PointN(ST_ExteriorRing(ST_GeometryN(geom, 1)), 1) AS corner
             FROM selenoscan.detection_outlines
             WHERE product_id = $1 AND ST_X(ST_Centroid(geom)) BETWEEN $2 - 0.08 AND $2 + 0.08
               AND ST_Y(ST_Centroid(geom)) BETWEEN $3 - 0.1 AND $3 + 0.1 ORDER BY id LIMIT 1) one`,
      [rich.productId, rich.center.lon, rich.center.lat],
    );
    const tiles = { center: at(rich.center), half: 3500, size: [1000, 1000] };

    const [, onDark, onWhite, close, , outlined] = await draw(fixture.project('global'), [
      { extent: whole, size: [1600, 800], out: out('global') },
      { ...image, places: { best: at(best) }, out: out('image') },
      { ...image, background: '#ffffff', places: { best: at(best) }, out: out('image-on-white') },
      { center: at(best), half: 60, size: [800, 800], places: { best: at(best) }, out: out('outlines') },
      { ...tiles, out: out('image-tiles') },
      {
        ...tiles,
        layers: ['selenoscan_detection_outlines'],
        background: '#ffffff',
        places: { corner: [tile?.lon, tile?.lat] },
      },
    ]);
    expect(outlined?.pixels['corner']).not.toEqual([255, 255, 255]);
    expect(onDark?.pixels['best']).toEqual(colourOf(best.score));
    expect(onWhite?.pixels['best']).toEqual(colourOf(best.score));
    expect(close?.pixels['best']).toEqual(colourOf(best.score));

    const [, near] = await draw(fixture.project('north'), [
      { extent: pole, size: [1000, 1000], out: out('north') },
      {
        extent: pole.map((metres) => metres / 15),
        size: [800, 800],
        places: { best: at(polarBest) },
        out: out('north-pole'),
      },
    ]);
    expect(near?.pixels['best']).toEqual(colourOf(polarBest.score));
    await draw(fixture.project('south'), [{ extent: pole, size: [1000, 1000], out: out('south') }]);

    const far = PROJECT_VIEWS.far.extent;
    const [farSide, across] = await draw(fixture.project('far'), [
      {
        extent: [far.xmin, far.ymin, far.xmax, far.ymax],
        size: [1600, 800],
        places: Object.fromEntries(beside.map((one) => [one.id, at(one)])),
        out: out('far'),
      },
      {
        center: at(split.center),
        half: 60_000,
        size: [800, 800],
        places: { best: at(splitBest) },
        out: out('antimeridian'),
      },
    ]);
    expect(across?.pixels['best']).toEqual(colourOf(splitBest.score));
    expect(beside.map(({ lon }) => Math.sign(lon)).sort()).toEqual(expect.arrayContaining([-1, 1]));
    for (const { id, score } of beside) expect(farSide?.pixels[id]).toEqual(colourOf(score));
  });

  it('opens in the desktop with both poles beside the Moon, and tells its user nothing', async (context) => {
    const reason = desktopMissing();
    if (reason !== null) context.skip(reason);
    const picture = join(PICTURES, 'desktop.png');
    const seen = await openInDesktop({
      project: fixture.project('global'),
      picture,
      folder: fixture.folder,
      line: [
        [0, 0],
        [60, 0],
      ],
    });
    // As good as a click on a map of the whole Moon.
    const measured = seen.measured.filter((text) => text !== '');
    expect(measured).toEqual([expect.stringMatching(/^[\d.]+ m$/)]);
    expect(Math.abs(Number.parseFloat(measured[0] ?? '') - 60 * 30_323.35)).toBeLessThan(20_000);
    expect(seen).toMatchObject({
      messages: [],
      bar: null,
      canvases: [
        { name: 'theMapCanvas', crs: 'IAU_2015:30100' },
        { name: 'North pole', crs: 'IAU_2015:30130' },
        { name: 'South pole', crs: 'IAU_2015:30135' },
      ],
    });
  });

  it.for([
    // Across 180 degrees, in degrees from 0 to 360.
    ['far', [150, 0], [210, 0], 60 * 30_323.35],
    // From the pole, in the plane of its map.
    ['north', [0, 0], [0, -300_000], 300_000],
  ] as const)(
    'opens the project %s in the desktop, too, and measures there',
    async ([view, from, to, metres], context) => {
      const reason = desktopMissing();
      if (reason !== null) context.skip(reason);
      const { measured, messages, bar } = await openInDesktop({
        project: fixture.project(view),
        picture: join(fixture.folder, `${view}.png`),
        folder: fixture.folder,
        line: [from, to],
      });
      expect({ messages, bar }).toEqual({ messages: [], bar: null });
      const told = measured.filter((text) => text !== '');
      expect(told).toEqual([expect.stringMatching(/^[\d.]+ m$/)]);
      expect(Math.abs(Number.parseFloat(told[0] ?? '') - metres)).toBeLessThan(20_000);
    },
  );

  it('keeps detections at known objects apart', async () => {
    const [known] = await fixture.db.query<{ lon: number; lat: number }>(
      'SELECT lon, lat FROM selenoscan.detections WHERE known_object IS NOT NULL ORDER BY id LIMIT 1',
    );
    expect(known, 'the seed has one').toBeDefined();
    const place = [known?.lon, known?.lat];
    const [map] = await draw(fixture.project('global'), [
      {
        center: place,
        half: 2000,
        size: [400, 400],
        layers: ['selenoscan_detections'],
        places: { known: place },
      },
    ]);
    expect(map?.pixels['known']).toEqual(KNOWN.colour.slice(0, 3));
  });

  it('shows a map tip with the picture, and opens the archive and the page', async () => {
    const best = await bestOf(fixture.seeded.rich.productId);
    const { answer } = await askQgis<{
      id: number;
      tip: string;
      display: string;
      actions: Record<string, string>;
      opens: boolean;
    }>({
      do: 'feature',
      path: fixture.project('global'),
      layer: 'selenoscan_detections',
      where: `"id" = ${best.id}`,
    });
    expect(answer.tip).toContain(`<img src="http://127.0.0.1:8080/api/detections/${best.id}/chip.png"`);
    expect(answer.tip).toContain(`Score ${best.score.toFixed(2)} · rank`);
    expect(answer.tip).toMatch(/Coordinates<\/td><td>\d+\.\d{4}° [NS], \d+\.\d{4}° [EW]</);
    expect(answer.tip).toMatch(/Uncertainty<\/td><td>±[\d,]+ m \(95 %\)</);
    expect(answer.tip).toMatch(/Place<\/td><td>(in|\d+(\.\d+)? k?m [NESW]+ of) /);
    expect(answer.tip).not.toContain('[%');
    expect(answer.tip).not.toContain('Review');
    expect(answer.display).toContain(fixture.seeded.rich.productId);
    expect(answer.opens).toBe(true);
    expect(answer.actions['Open in the archive']).toMatch(/^https:\/\/data\.lroc\.im-ldi\.com\/.*\/M\d+LC$/);
    expect(answer.actions['Open in Selenoscan']).toBe(`http://127.0.0.1:8080/#detection/${best.id}`);
  });

  it('opens and pans without looking through the rows', async () => {
    await fixture.statements();
    const { rich } = fixture.seeded;
    const pans = [0, 1, 2].map((step) => ({
      center: [rich.center.lon + step, rich.center.lat],
      half: 40_000,
      size: [500, 500],
    }));
    await draw(fixture.project('global'), [{ extent: [-165, -82, 165, 82], size: [800, 400] }, ...pans]);
    const log = await fixture.statements();
    const asked = [...log.matchAll(/statement: ([\s\S]*?)(?=\n\d{4}-\d\d-\d\d )/g)].map(
      ([, sql = '']) => sql,
    );
    const ofViews = asked.filter((sql) => sql.includes('FROM "selenoscan".'));
    expect(ofViews.length).toBeGreaterThan(10);
    for (const sql of ofViews) {
      expect(sql).not.toMatch(/count\s*\(|\bDISTINCT\b|st_extent|GROUP BY/i);
      // Rows are asked for by a box, by one's id, or one to learn the columns.
      expect(sql).toMatch(/&&|LIMIT (0|1)\b/i);
    }
    const fetches = ofViews
      .filter((sql) => /"detections".*&&/s.test(sql))
      .map((sql) => sql.replace(/^.*? CURSOR .*?FOR /s, ''));
    expect(fetches.length).toBeGreaterThan(2);
    for (const sql of fetches) {
      const plan = await fixture.db.transaction(async (tx) => {
        await tx.query('SET LOCAL enable_seqscan = off');
        return tx.query(`EXPLAIN ${sql}`);
      });
      expect(JSON.stringify(plan), sql).not.toContain('Seq Scan on detection');
    }
  });

  it('draws anew when a scan is committed', async () => {
    const product = sampleProduct('M1279999999LC');
    await announce(fixture.db, product);
    const lease = await claim(fixture.db);
    let committed = 0;
    const { answer } = await askQgis<{ repainted: boolean; at: number }>(
      { do: 'notice', path: fixture.project('global'), layer: 'selenoscan_detections', timeout: 20 },
      (line) => {
        if (!line.includes('listening')) return;
        const result = sampleResult([sampleDetection(product.imageId, 1)]);
        void commitScan(fixture.db, lease, result).then(() => (committed = Date.now() / 1000));
      },
    );
    expect(committed).toBeGreaterThan(0);
    expect(answer.repainted).toBe(true);
    expect(Math.abs(answer.at - committed)).toBeLessThan(5);
  });

  it('puts base maps where they belong, whatever body their service names', async () => {
    const server = await startMapServer();
    try {
      const places = {
        northWest: [-105, 47],
        northEast: [105, 47],
        southWest: [-105, -47],
        southEast: [105, -47],
      };
      for (const map of [
        { name: 'Tiles', kind: 'xyz', url: `${server.url}/{z}/{x}/{y}.png`, zoom: 4 },
        { name: 'WAC', kind: 'wms', url: `${server.url}/wms`, layer: 'wac' },
      ]) {
        const config = configSchema.parse({
          database: { url: fixture.config.database.url },
          gis: { database: fixture.config.gis.database, basemaps: [map] },
        });
        const path = join(fixture.folder, `${map.kind}.qgz`);
        await writeFile(path, await qgisProject(config, fixture.db, 'global'));
        const [drawn] = await draw(path, [
          {
            extent: [-180, -90, 180, 90],
            size: [800, 400],
            layers: ['selenoscan_basemap_0'],
            places,
          },
        ]);
        expect(drawn?.pixels, map.kind).toEqual(QUARTERS);
      }
    } finally {
      server.close();
    }
  });

  it('opens a project that carries its rows in a GeoPackage', async () => {
    const path = join(fixture.folder, 'embedded.qgz');
    await writeFile(
      path,
      await qgisProject(fixture.config, fixture.db, 'global', currentGeoPackage(fixture.db)),
    );
    const project = await projectOf(path);
    expect(project.layers.filter(({ provider }) => provider === 'ogr')).toHaveLength(7);
    for (const layer of project.layers) expect(layer, layer.name).toMatchObject({ valid: true, crs: MOON });
    const best = await bestOf(fixture.seeded.rich.productId);
    const [map] = await draw(path, [
      {
        center: [best.lon, best.lat],
        half: 20_000,
        size: [400, 400],
        places: { best: [best.lon, best.lat] },
      },
    ]);
    expect(map?.pixels['best']).toEqual(
      SCORE_CLASSES.find(({ from }) => best.score >= from)?.colour.slice(0, 3),
    );
  });

  it('opens while no site is known, which QGIS notes in its log and shows to nobody', async () => {
    await fixture.db.query('UPDATE selenoscan_data.detection SET site_id = NULL');
    await fixture.db.query('DELETE FROM selenoscan_data.site');
    const { answer, messages } = await askQgis<Project>({
      do: 'project',
      path: fixture.project('global'),
      pairs: {},
    });
    expect(answer).toMatchObject({ read: true, error: '', bad: [] });
    expect(answer.layers.find(({ name }) => name === 'Sites')).toMatchObject({ valid: true, crs: MOON });
    // Its own question for the type of the column finds no row to tell it by.
    for (const message of messages) expect(message).toContain('row number 0 is out of range');
  });
});

describeInQgis('GDAL', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture?.close());

  it('reads each view with the lunar coordinate system and all rows', async () => {
    for (const view of VIEW_NAMES) {
      const told = await gdal('ogrinfo', '-ro', '-so', `PG:${fixture.libpq}`, `selenoscan.${view}`);
      const [rows] = await fixture.db.query<{ count: number }>(
        `SELECT count(*)::integer FROM selenoscan.${view}`,
      );
      expect(told, view).toContain(`Feature Count: ${rows?.count}`);
      expect(told, view).toMatch(/ELLIPSOID\["Moon \(2015\) - Sphere",1737400,0/);
      expect(told, view).toContain('ID["IAU",30100,2015]');
      expect(told, view).toContain('Geometry Column = geom');
    }
  });

  it('copies detections to a file with the same rows and places', async () => {
    const path = join(fixture.folder, 'detections.csv');
    await gdal(
      'ogr2ogr',
      '-f',
      'CSV',
      path,
      `PG:${fixture.libpq}`,
      'selenoscan.detections',
      '-lco',
      'GEOMETRY=AS_XY',
      '-select',
      'id,score',
    );
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(fixture.seeded.detections + 1);
    const [x, y, id] = (lines[1] ?? '').replaceAll('"', '').split(',').map(Number);
    const [row] = await fixture.db.query<{ lon: number; lat: number }>(
      'SELECT lon, lat FROM selenoscan.detections WHERE id = $1',
      [id],
    );
    expect(row?.lon).toBeCloseTo(x ?? NaN, 9);
    expect(row?.lat).toBeCloseTo(y ?? NaN, 9);
  });
});
