import './silence.ts';
import type { RuntimeName } from '../../../schemas/runtimes.ts';
import { runtimeTable } from './runtimes/runtimes.ts';

// A program of its own: a broken native library may end the process that loads it.
const [runtime = '', place = ''] = process.argv.slice(2);

runtimeTable[runtime as RuntimeName].check(place).then(
  (version) => {
    process.stdout.write(`${version}\n`);
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
