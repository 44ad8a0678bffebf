import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the programs of Python stand among the sources, and where a build puts them, seen from a bundle and from what
 *  bundles share. */
const places = ['.', './python', '../python'];

/** The program of Python that runs a model. */
export function processFile(): string {
  return pythonFile('cluster_serving_process.py');
}

/** The one that converts a model to ONNX. */
export function convertFile(): string {
  return pythonFile('cluster_serving_convert.py');
}

function pythonFile(name: string): string {
  const found = places
    .map((place) => fileURLToPath(new URL(`${place}/${name}`, import.meta.url)))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error(`${name} is not beside the bundles`);
  return found;
}
