import { expect, test } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import { frontendOptions } from '../../../schemas/programs/frontendOptions.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { effectiveOptions, helpText, parseCommandLine } from '../../../server/src/http/setup/options.ts';

const optionsOf = (...args: string[]) => effectiveOptions(parseCommandLine(args), undefined, {});

function refusal(...args: string[]): ServingError {
  try {
    parseCommandLine(args);
  } catch (error) {
    if (error instanceof ServingError) return error;
  }
  throw new Error('it was not refused');
}

test('without options the defaults of the original hold', () => {
  expect(optionsOf()).toMatchObject({
    interface: '0.0.0.0',
    port: 10020,
    redisHost: 'localhost',
    redisPort: 6379,
    redisInputQueue: 'serving_stream',
    parallelism: 1000,
    timeWindow: 0,
    countWindow: 56,
    tokenBucketEnabled: false,
    tokensPerSecond: 100,
    tokenAcquireTimeout: 100,
    securePort: 10023,
    servableManagerConfPath: './servables-conf.yaml',
  });
});

test.each([
  [['--port=1'], { port: 1 }],
  [['--port', '2'], { port: 2 }],
  [['--tokenBucketEnabled', 'true'], { tokenBucketEnabled: true }],
  [['--tokenBucketEnabled', '--port=3'], { tokenBucketEnabled: true, port: 3 }],
  [['--httpsKeyStoreToken=a=b'], { httpsKeyStoreToken: 'a=b' }],
  [['--PORT=4'], { port: 4 }],
  [['--redisTrustStorePath=x'], { redissTrustStorePath: 'x' }],
])('%j is read', (args, wanted) => {
  expect(optionsOf(...args)).toMatchObject(wanted);
});

test.each([
  ['--port=x'],
  ['--port=70000'],
  ['--port'],
  ['--timeWindow=-1'],
  ['--tokenBucketEnabled=maybe'],
  ['port'],
])('%s is refused', (arg) => {
  expect(refusal(arg).code).toBe('wrong-use');
});

test('an unknown option is refused with the nearest name', () => {
  expect(refusal('--redisInputQeue=a').message).toContain('--redisInputQueue');
});

test('queue and Redis come from the config, and what is given outdoes it', () => {
  const text = 'modelPath: m\njobName: digits\nredisUrl: example:7000\n';
  const { config } = readConfig(text);
  const options = effectiveOptions({ given: { redisPort: 1 }, configPath: '/a/config.yaml' }, config, {});
  expect(options).toMatchObject({ redisInputQueue: 'digits', redisHost: 'example', redisPort: 1 });
});

test('the API key may come from the environment', () => {
  expect(effectiveOptions(parseCommandLine([]), undefined, { CLUSTER_SERVING_API_KEY: 'k' }).apiKey).toBe(
    'k',
  );
});

test('the help names every option', () => {
  for (const name of Object.keys(frontendOptions)) expect(helpText()).toContain(`--${name}=`);
});
