import { parseArgs } from 'node:util';
import { isGood, summaryOf } from './report.ts';
import { torture } from './run.ts';

/* npm run torture -- [--minutes n] [--seed n] [--only "name of a nemesis"]… [--payloads n] [--requests n] */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', multiple: true, default: [] },
    payloads: { type: 'string' },
    requests: { type: 'string' },
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
const minutes = numberOf('minutes', values.minutes);
const say = (line: string) => console.log(line);
say(`seed ${seed}`);
const rounds = await torture({ seed, minutes, only: values.only, say });
for (const line of summaryOf(rounds)) say(line);
const good = rounds.length > 0 && rounds.every(isGood);
const again = ['npm run torture --', `--seed ${seed}`, `--minutes ${minutes}`, ...values.only.map((one) => `--only "${one}"`)];
say(good ? '\nNothing lost, wrong, doubled or made up.' : `\nFAILED. The same again: ${again.join(' ')}`);
process.exitCode = good ? 0 : 1;
