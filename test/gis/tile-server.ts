import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';

/** Colours of the four quarters of the Moon on the test's base maps. */
export const QUARTERS = {
  northWest: [200, 30, 30],
  northEast: [30, 200, 30],
  southWest: [30, 30, 200],
  southEast: [200, 200, 30],
} as const;

export interface MapServer {
  readonly url: string;
  close(): void;
}

const CAPABILITIES = (url: string) => `<?xml version="1.0"?>
<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms" xmlns:xlink="http://www.w3.org/1999/xlink">
<Service><Name>WMS</Name><Title>Moon</Title><OnlineResource xlink:href="${url}"/></Service>
<Capability><Request>
<GetCapabilities><Format>text/xml</Format><DCPType><HTTP><Get><OnlineResource xlink:href="${url}/wms?"/></Get></HTTP></DCPType></GetCapabilities>
<GetMap><Format>image/png</Format><DCPType><HTTP><Get><OnlineResource xlink:href="${url}/wms?"/></Get></HTTP></DCPType></GetMap>
</Request><Exception><Format>XML</Format></Exception>
<Layer><Title>Moon</Title><CRS>EPSG:4326</CRS>
<Layer queryable="0"><Name>wac</Name><Title>WAC</Title><CRS>EPSG:4326</CRS>
<EX_GeographicBoundingBox><westBoundLongitude>-180</westBoundLongitude><eastBoundLongitude>180</eastBoundLongitude><southBoundLatitude>-90</southBoundLatitude><northBoundLatitude>90</northBoundLatitude></EX_GeographicBoundingBox>
<BoundingBox CRS="EPSG:4326" minx="-90" miny="-180" maxx="90" maxy="180"/></Layer></Layer></Capability></WMS_Capabilities>`;

/** A map service of the Moon as the real ones are: a WMS that calls lunar degrees EPSG:4326, and tiles. */
export async function startMapServer(): Promise<MapServer> {
  let address = '';
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', address);
    const parameter = (name: string) =>
      [...url.searchParams].find(([key]) => key.toUpperCase() === name)?.[1] ?? '';
    const send = (png: Buffer) => response.setHeader('content-type', 'image/png').end(png);
    const tile = /^\/(\d+)\/(\d+)\/(\d+)\.png$/.exec(url.pathname);
    if (tile !== null) {
      const [zoom = 0, x = 0, y = 0] = tile.slice(1).map(Number);
      const middle = 2 ** zoom / 2;
      void picture(256, 256, (u, v) => quarter(x + u - middle, middle - y - v)).then(send);
    } else if (parameter('REQUEST') === 'GetMap') {
      // Version 1.3.0 writes latitudes first.
      const [south = 0, west = 0, north = 0, east = 0] = parameter('BBOX').split(',').map(Number);
      const [width, height] = [Number(parameter('WIDTH')), Number(parameter('HEIGHT'))];
      void picture(width, height, (u, v) =>
        quarter(west + u * (east - west), north - v * (north - south)),
      ).then(send);
    } else {
      response.setHeader('content-type', 'text/xml').end(CAPABILITIES(address));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: address,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function quarter(east: number, north: number): readonly [number, number, number] {
  if (north > 0) return east < 0 ? QUARTERS.northWest : QUARTERS.northEast;
  return east < 0 ? QUARTERS.southWest : QUARTERS.southEast;
}

function picture(
  width: number,
  height: number,
  colour: (u: number, v: number) => readonly [number, number, number],
): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++)
    pixels.set(colour(((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height), 3 * i);
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
