import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { envNames } from '../../src/config/names.js';
import { describeWithDatabase } from '../support/database.js';
import { announce, sampleProduct, useModel } from '../store/samples.js';

const files = readdirSync('deploy', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.parentPath.includes('secrets'))
  .map((entry) => join(entry.parentPath, entry.name));
const manifests = files.filter((file) => /\.ya?ml$/.test(file));

interface Container {
  readonly name: string;
  readonly image: string;
  readonly securityContext?: {
    readonly readOnlyRootFilesystem?: boolean;
    readonly allowPrivilegeEscalation?: boolean;
  };
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly containers: readonly Container[];
        readonly securityContext: { readonly runAsNonRoot: boolean };
      };
    };
    readonly triggers?: readonly { readonly metadata: { readonly query: string } }[];
  };
}

function documentsOf(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Manifest);
}

describe('the deployment files', () => {
  test.each([...files, 'Dockerfile'])('%s sets only keys that the configuration knows', (file) => {
    // Of compose itself: which image to build and to run.
    const other = new Set(['SELENOSCAN_VERSION', 'SELENOSCAN_TARGET', 'SELENOSCAN_CONFIG']);
    const known = envNames();
    const used = readFileSync(file, 'utf8').match(/\bSELENOSCAN_[A-Z_]+\b/g) ?? [];
    expect(used.filter((name) => !known.has(name) && !other.has(name))).toEqual([]);
  });

  test.each(manifests)('%s is YAML without a fault', (file) => {
    for (const document of parseAllDocuments(readFileSync(file, 'utf8'), { uniqueKeys: true }))
      expect(document.errors).toEqual([]);
  });

  test('run every pod of a cluster as an ordinary user, and ours on a read-only root', () => {
    const pods = manifests
      .filter((file) => file.includes('kubernetes'))
      .flatMap(documentsOf)
      .filter((manifest) => manifest.spec?.template !== undefined);
    expect(pods.map((pod) => pod.metadata.name).sort()).toEqual(['core', 'migrate', 'postgis', 'scan']);
    for (const { spec } of pods) {
      expect(spec!.template!.spec.securityContext.runAsNonRoot).toBe(true);
      for (const { image, securityContext } of spec!.template!.spec.containers) {
        expect(securityContext?.allowPrivilegeEscalation).toBe(false);
        if (image === 'selenoscan') expect(securityContext?.readOnlyRootFilesystem).toBe(true);
      }
    }
  });
});

describeWithDatabase('the question by which a cluster grows', (createDatabase) => {
  it('counts what waits and what is being scanned', async () => {
    const [scaled] = documentsOf('deploy/kubernetes/autoscaling.yaml').filter(
      ({ kind }) => kind === 'ScaledObject',
    );
    const { query } = scaled!.spec!.triggers![0]!.metadata;
    const db = await createDatabase();
    expect(await db.query(query)).toEqual([{ count: 0 }]);
    await useModel(db);
    await announce(db, sampleProduct('M1271742200LC'), sampleProduct('M1271742201LC'));
    expect(await db.query(query)).toEqual([{ count: 2 }]);
  });
});
