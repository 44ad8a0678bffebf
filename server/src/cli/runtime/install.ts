import { join } from 'node:path';
import { runtimeRow } from '../../../../schemas/runtimes.ts';
import { openStateFolder } from '../../jobs/machine/stateFolder.ts';
import { installRuntime } from '../../jobs/runtimes/installRuntime.ts';
import { onHangup } from '../../program/onHangup.ts';
import { paint, print, printJson, type JsonOption } from '../output.ts';
import { megabytes, runtimeNamed } from './names.ts';

const stepTexts = {
  fetch: 'fetching the package (some 60 MB)',
  unpack: 'unpacking its libraries',
  check: 'loading them once',
} as const;

/** @param programFolder  where the bundles are */
export async function install(
  given: string,
  { from, json }: JsonOption & { readonly from?: string },
  programFolder: string,
): Promise<number> {
  const name = runtimeNamed(given);
  const cancel = new AbortController();
  const onSignal = () => cancel.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  onHangup(onSignal);
  const installed = await installRuntime({
    name,
    state: openStateFolder(),
    from,
    runtimeFile: join(programFolder, 'runtimeCheck.mjs'),
    signal: cancel.signal,
    onStep: (step) => {
      if (json) printJson({ step });
      else if (process.stdout.isTTY) print(paint('gray', `… ${stepTexts[step]}`));
    },
  });
  if (json) printJson({ installed });
  else {
    const { version, folder, bytes } = installed;
    const done = bytes === 0 ? 'was installed before' : `is installed, ${megabytes(bytes)}`;
    print(`${runtimeRow(name).title} ${version} ${done}, in ${folder}`);
  }
  return 0;
}
