import type { FastifyInstance } from 'fastify';
import { projectQuery, readParameters, type ProjectViewName } from './parameters.js';

/** Makes the project file of QGIS, a `.qgz`, for one of its views. */
export type ProjectMaker = (view: ProjectViewName) => Promise<Uint8Array>;

/** `/project.qgz`: what a GIS user opens in QGIS. */
export function serveProject(app: FastifyInstance, make: ProjectMaker): void {
  app.get('/project.qgz', async (request, reply) => {
    const { view } = readParameters(projectQuery, request.query);
    const name = view === 'global' ? 'selenoscan.qgz' : `selenoscan-${view}.qgz`;
    const bytes = await make(view);
    return reply
      .type('application/x-qgis-project')
      .headers({
        'content-disposition': `attachment; filename="${name}"`,
        'cache-control': 'private, no-cache',
      })
      .send(Buffer.from(bytes));
  });
}
