import { defaults as defaultControls } from 'ol/control/defaults.js';
import ScaleLine from 'ol/control/ScaleLine.js';
import Map from 'ol/Map.js';
import View from 'ol/View.js';
import type { CoverageFeature, DetectionDetail, DetectionFeature, Mark } from '../../http/contract.js';
import { api, type Box } from '../api.js';
import { placeText } from '../format.js';
import { centreOf, longitudeSpan } from '../sphere.js';
import { boxOf } from './box.js';
import { detectionsLayer } from './detection-marks.js';
import { footprintsLayer } from './footprints.js';
import { Gazetteer } from './gazetteer.js';
import { graticuleLayer } from './graticule.js';
import { groundLayer } from './ground.js';
import { namesLayer } from './names.js';
import { moonMap, type MapKind, type MoonMap } from './projections.js';
import { selectionLayer } from './selection.js';

/** Map metres per pixel: a NAC pixel is 0.5 to 2 m. */
const FINEST = 0.25;
/** Coarser than this, an image is a speck: a selection zooms in to its surroundings. */
const OVERVIEW = 400;
const SURROUNDINGS = 20;
const FLIGHT_MS = 450;

export interface MoonViewEvents {
  select(id: number): void;
  selectImage(productId: string): void;
  moved(): void;
}

/** The map: draws what it is given and tells what was clicked. */
export class MoonView {
  readonly #map: Map;
  readonly #target: HTMLElement;
  readonly #gazetteer: Gazetteer;
  readonly #events: MoonViewEvents;
  #moon: MoonMap = moonMap('cylindrical');
  #layers = this.#makeLayers();
  #marks: readonly Mark[] = [];
  #coverage: readonly CoverageFeature[] = [];
  #selected: DetectionFeature | null = null;
  #outline: DetectionDetail['outline'] = null;

  constructor(target: HTMLElement, pointer: HTMLElement, events: MoonViewEvents) {
    this.#events = events;
    this.#target = target;
    this.#gazetteer = new Gazetteer(api.features, (features) => {
      this.#layers.names.add(features);
      this.#layers.ground.redraw();
    });
    this.#map = new Map({
      target,
      controls: defaultControls({ attribution: false, rotate: false }).extend([
        new ScaleLine({ units: 'metric', minWidth: 90 }),
      ]),
    });
    this.#install();
    this.#map.on('singleclick', (event) => this.#clicked(event.pixel));
    this.#map.on('pointermove', (event) => {
      if (event.dragging) return;
      target.classList.toggle('over', this.#at(event.pixel) !== null);
      const [lon, lat] = this.#moon.inverse(event.coordinate[0] ?? 0, event.coordinate[1] ?? 0);
      pointer.textContent = Math.abs(lat) <= 90 ? placeText(lon, lat, this.#resolution() < 100 ? 4 : 1) : '';
    });
    this.#map.on('moveend', () => {
      void this.#gazetteer.need(this.box(), this.#resolution());
      events.moved();
    });
  }

  get kind(): MapKind {
    return this.#moon.kind;
  }

  /** Numbers for tests: how many marks are drawn, and where the view is. */
  describe() {
    const [x = 0, y = 0] = this.#view().getCenter() ?? [];
    const [lon, lat] = this.#moon.inverse(x, y);
    return {
      kind: this.kind,
      marks: this.#layers.detections.count(),
      lon,
      lat,
      resolution: this.#resolution(),
      names: this.#gazetteer.features.length,
    };
  }

  switchTo(kind: MapKind): void {
    if (kind === this.#moon.kind) return;
    this.#moon = moonMap(kind);
    this.#layers = this.#makeLayers();
    this.#install();
    this.#layers.names.add(this.#gazetteer.features);
    this.#layers.footprints.show(this.#coverage);
    this.#layers.detections.show(this.#marks);
    this.#layers.selection.show(this.#selected, this.#outline);
    this.#target.dataset['kind'] = kind;
  }

  showMarks(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#layers.detections.show(marks);
  }

  showCoverage(coverage: readonly CoverageFeature[]): void {
    this.#coverage = coverage;
    this.#layers.footprints.show(coverage);
  }

  select(detection: DetectionFeature | null, outline: DetectionDetail['outline'] = null): void {
    this.#selected = detection;
    this.#outline = outline;
    this.#layers.selection.show(detection, outline);
  }

  /** Shows a selected place: from afar by flying there, else only where it is out of sight. */
  reveal(detection: DetectionFeature): void {
    const place = detection.geometry?.coordinates;
    if (place === undefined) return;
    if (!this.#moon.shows(place[1])) this.switchTo('cylindrical');
    const target = this.#nearest(this.#moon.forward(...place));
    if (this.#resolution() > OVERVIEW) this.#fly(target, SURROUNDINGS);
    else {
      const [x = 0, y = 0] = this.#map.getPixelFromCoordinate(target) ?? [];
      const [width = 0, height = 0] = this.#map.getSize() ?? [];
      if (x < 40 || y < 60 || x > width - 40 || y > height - 40) this.#fly(target, this.#resolution());
    }
  }

  /** So near that the uncertainty's circle fills half of the map. */
  closeUp(detection: DetectionFeature): void {
    const place = detection.geometry?.coordinates;
    if (place === undefined) return;
    if (!this.#moon.shows(place[1])) this.switchTo('cylindrical');
    const [, height = 600] = this.#map.getSize() ?? [];
    const radius = detection.properties.uncertainty_m ?? 200;
    const [, along] = this.#moon.stretch(place[1]);
    this.#fly(this.#nearest(this.#moon.forward(...place)), (4 * radius * along) / height);
  }

  /** Shows all of some places at once. */
  fit(places: readonly (readonly [number, number])[], animate = true): void {
    const shown = places.filter(([, lat]) => this.#moon.shows(lat));
    if (shown.length === 0) return this.showAllGround();
    const extent = [Infinity, Infinity, -Infinity, -Infinity];
    const [west] = longitudeSpan(shown.map(([lon]) => lon));
    for (const [lon, lat] of shown) {
      // From the western border on, so that what crosses 180 stays together.
      const [x, y] = this.#moon.forward(
        this.#moon.worldWidth > 0 ? west + ((lon - west + 720) % 360) : lon,
        lat,
      );
      [extent[0], extent[1]] = [Math.min(extent[0] ?? x, x), Math.min(extent[1] ?? y, y)];
      [extent[2], extent[3]] = [Math.max(extent[2] ?? x, x), Math.max(extent[3] ?? y, y)];
    }
    this.#view().fit(extent, {
      padding: [80, 90, 60, 90],
      minResolution: 6,
      duration: animate && !calm() ? FLIGHT_MS : 0,
    });
  }

  fitImage(productId: string): void {
    const scan = this.#coverage.find(({ properties }) => properties.product_id === productId);
    if (scan?.geometry == null) return;
    const places = scan.geometry.coordinates.flat(2) as [number, number][];
    if (!this.#moon.shows(centreOf(places)[1])) this.switchTo('cylindrical');
    this.fit(places);
  }

  showAllGround(): void {
    this.#view().fit(this.#moon.extent, { padding: [20, 10, 20, 10] });
  }

  /** What the map shows, in degrees; null where that is about all. */
  box(): Box | null {
    const size = this.#map.getSize();
    if (size === undefined || this.#view().getCenter() === undefined) return null;
    return boxOf(this.#moon, this.#view().calculateExtent(size));
  }

  #makeLayers() {
    return {
      ground: groundLayer(this.#moon, () => this.#gazetteer.features),
      graticule: graticuleLayer(this.#moon),
      names: namesLayer(this.#moon),
      footprints: footprintsLayer(this.#moon),
      detections: detectionsLayer(this.#moon),
      selection: selectionLayer(this.#moon),
    };
  }

  #install(): void {
    const { ground, graticule, names, footprints, detections, selection } = this.#layers;
    const all = [ground.layer, graticule, names.layer, footprints.layer, detections.layer, selection.layer];
    this.#map.setLayers(all);
    const [west, south, east, north] = this.#moon.extent;
    const repeats = this.#moon.worldWidth > 0;
    this.#map.setView(
      new View({
        projection: this.#moon.projection,
        center: [0, 0],
        resolution: (north - south) / 700,
        minResolution: FINEST,
        maxResolution: (north - south) / 260,
        multiWorld: repeats,
        extent: repeats ? [-Infinity, south, Infinity, north] : [west, south, east, north],
        constrainOnlyCenter: true,
        enableRotation: false,
      }),
    );
    this.showAllGround();
  }

  #view(): View {
    return this.#map.getView();
  }

  #resolution(): number {
    return this.#view().getResolution() ?? OVERVIEW;
  }

  /** The copy of a place that lies nearest to what is shown. */
  #nearest([x, y]: [number, number]): [number, number] {
    const width = this.#moon.worldWidth;
    if (width === 0) return [x, y];
    const centre = this.#view().getCenter()?.[0] ?? 0;
    return [x + Math.round((centre - x) / width) * width, y];
  }

  #fly(center: [number, number], resolution: number): void {
    this.#view().cancelAnimations();
    this.#view().animate({ center, resolution, duration: calm() ? 0 : FLIGHT_MS });
  }

  #at(pixel: number[]): { id: number } | { productId: string } | null {
    const { detections, footprints } = this.#layers;
    const hit = this.#map.forEachFeatureAtPixel(pixel, (feature) => feature, {
      layerFilter: (layer) => layer === detections.layer && this.#resolution() <= OVERVIEW,
      hitTolerance: 5,
    });
    const id = hit?.getId();
    if (typeof id === 'number') return { id };
    const ground = this.#map.forEachFeatureAtPixel(pixel, (feature) => feature, {
      layerFilter: (layer) => layer === footprints.layer || layer === detections.layer,
      hitTolerance: 12,
    });
    const productId: unknown = ground?.get('productId');
    if (typeof productId === 'string') return { productId };
    const other = ground?.getId();
    return typeof other === 'number' ? { id: other } : null;
  }

  #clicked(pixel: number[]): void {
    const hit = this.#at(pixel);
    if (hit === null) return;
    if ('id' in hit) this.#events.select(hit.id);
    else this.#events.selectImage(hit.productId);
  }
}

function calm(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
