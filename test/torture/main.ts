import { parseArgs } from 'node:util';
import { hasFrameworks } from '../support/frameworks.ts';
import { fuzzLine } from './fuzz.ts';
import { fuzzPayloads } from './payloads.ts';
import { tortureReloads } from './reloads.ts';
import { isGoodRound, summaryOf } from './report.ts';
import { fuzzRequests } from './requests.ts';
import { torture } from './run.ts';

/* npm run torture -- [--minutes n] [--seed n] [--only "name of a nemesis"]… [--payloads n] [--requests n] [--reloads n] */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', multiple: true, default: [] },
    payloads: { type: 'string' },
    requests: { type: 'string' },
    reloads: { type: 'string' },
  },
});

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0)) {
    console.error(`--${name} must be a number, not "${text}".`);
    process.exit(2);
  }
  return value;
}

const seed = numberOf('seed', values.seed);
const say = (line: string) => console.log(line);
say(`seed ${seed}`);
const isGood = await runAll().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return false;
});
const again = process.argv.slice(2).filter((word, i, all) => word !== '--seed' && all[i - 1] !== '--seed');
if (!isGood) say(`\nFAILED. The same again: npm run torture -- ${[...again, '--seed', seed].join(' ')}`);
process.exitCode = isGood ? 0 : 1;

async function runAll(): Promise<boolean> {
  return (await reloads()) ?? (await fuzz()) ?? (await tortureFor(numberOf('minutes', values.minutes)));
}

/** @returns undefined where none was asked for */
async function reloads(): Promise<boolean | undefined> {
  if (values.reloads === undefined) return undefined;
  const count = numberOf('reloads', values.reloads);
  let isGood = true;
  for (const kind of ['onnx', 'python'] as const) {
    if (kind === 'python' && !hasFrameworks()) {
      say('no reloads of python: "npm test integration" installs the Python that they run on');
      continue;
    }
    const { wrong, refused, answers, growth } = await tortureReloads({ kind, count, load: 32 });
    say(
      `${count} reloads of ${kind}, ${refused} of them refused: ${answers.http} answers over HTTP, ${answers.queue} in the queue, ${wrong.length} wrong`,
    );
    say(
      `  afterwards ${growth.descriptors} descriptors, ${growth.threads} threads and ${growth.megabytes} MB more than after the first`,
    );
    for (const line of wrong) say(`  ${line}`);
    isGood &&= wrong.length === 0;
  }
  return isGood;
}

/** @returns undefined where none was asked for */
async function fuzz(): Promise<boolean | undefined> {
  let found: number | undefined;
  for (const [kind, count, run] of [
    ['payloads', values.payloads, fuzzPayloads],
    ['requests', values.requests, fuzzRequests],
  ] as const) {
    if (count === undefined) continue;
    const report = await run({ seed, count: numberOf(kind, count) });
    say(fuzzLine(kind, report));
    for (const line of report.found) say(`  ${line}`);
    found = (found ?? 0) + report.found.length;
  }
  return found === undefined ? undefined : found === 0;
}

async function tortureFor(minutes: number): Promise<boolean> {
  const rounds = await torture({ seed, minutes, only: values.only, say });
  for (const line of summaryOf(rounds)) say(line);
  const good = rounds.length > 0 && rounds.every(isGoodRound);
  if (good) say('\nNothing lost, wrong, given up, doubled or made up.');
  return good;
}
