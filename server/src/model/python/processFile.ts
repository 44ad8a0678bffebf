import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where it stands among the sources, and where a build puts it, seen from a bundle and from what bundles share. */
const places = [
  './cluster_serving_process.py',
  './python/cluster_serving_process.py',
  '../python/cluster_serving_process.py',
];

/** The program of Python that runs a model. */
export function processFile(): string {
  const found = places
    .map((place) => fileURLToPath(new URL(place, import.meta.url)))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error('cluster_serving_process.py is not beside the bundles');
  return found;
}
