/* Prints how many lines of tests there are for a line of source; 0.8 is the aim. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, root } from './machine/setup.mjs';

const lines = (...folders) =>
  folders
    .flatMap((folder) => filesBelow(join(root, folder)))
    .filter((path) => /\.(ts|py|java)$/.test(path))
    .reduce((sum, path) => sum + readFileSync(path, 'utf8').split('\n').length - 1, 0);

const show = (name, tests, source) =>
  console.log(`${name}: ${tests} lines of tests, ${source} of source, ratio ${(tests / source).toFixed(2)}`);

const flink = [lines('flink/src/test'), lines('flink/src/main')];
const typescript = [lines('test'), lines('schemas', 'server/src', 'client', 'web')];
show('TypeScript', ...typescript);
show('Java', ...flink);
show('together', typescript[0] + flink[0], typescript[1] + flink[1]);
