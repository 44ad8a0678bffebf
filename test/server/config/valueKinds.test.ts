import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { editDistance, nearest } from '../../../server/src/config/nearest.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { fixProblem } from '../../../server/src/config/rules/rules.ts';
import { readBrokers } from '../../../server/src/config/values/brokers.ts';
import { readFilter } from '../../../server/src/config/values/filter.ts';
import { readHostPort } from '../../../server/src/config/values/hostPort.ts';
import { readImageSize } from '../../../server/src/config/values/imageSize.ts';
import { readInt } from '../../../server/src/config/values/int.ts';
import type { Reading } from '../../../server/src/config/values/reading.ts';
import { readSize } from '../../../server/src/config/values/size.ts';
import { runs } from '../../support/runs.ts';

/** The value, or the code of what is wrong, and what is suggested instead: "code > suggestion". */
function outcome({ value, trouble }: Reading<unknown>): unknown {
  if (!trouble) return value;
  const said = `${trouble.code}${trouble.data?.replacement === undefined ? '' : ` > ${trouble.data.replacement}`}`;
  return value === undefined ? said : [value, said];
}

describe('a number', () => {
  const atLeastZero = { min: 0 };
  test.each<[string, unknown, unknown]>([
    // [as it is written, read plain, read in quotes]
    ['0', 0, 0],
    ['-0', 0, 0],
    ['+0', 0, 0],
    ['-0.5', [0, 'truncated-number > 0'], 'wrong-type'],
    ['-0.0', 0, 'wrong-type'],
    ['1.', 1, 'wrong-type'],
    ['1.9', [1, 'truncated-number > 1'], 'wrong-type'],
    ['1__0_', 10, 'wrong-type'],
    ['_1', 'wrong-type', 'wrong-type'],
    ['1e5', 'wrong-type', 'wrong-type'],
    ['1.0e+2', 100, 'wrong-type'],
    ['1.5e-3', [0, 'truncated-number > 0'], 'wrong-type'],
    ['0.1e+400', 'wrong-type', 'wrong-type'],
    ['2147483647.9', [2_147_483_647, 'truncated-number > 2147483647'], 'wrong-type'],
    ['2147483648', 'wrong-type', 'wrong-type'],
    ['9007199254740993', 'wrong-type', 'wrong-type'],
    ['-2147483648', 'out-of-range', 'out-of-range'],
    ['-2147483649', 'wrong-type', 'wrong-type'],
    ['NaN', 'wrong-type', 'wrong-type'],
    ['Infinity', 'wrong-type', 'wrong-type'],
    ['1,000', 'wrong-type', 'wrong-type'],
    ['\u0663', 'wrong-type', 'wrong-type'],
    ['1\0', 'wrong-type', 'wrong-type'],
    ['', 'wrong-type', 'wrong-type'],
    ['1'.repeat(400), 'wrong-type', 'wrong-type'],
  ])('%j', (text, plain, quoted) => {
    // toBe and toStrictEqual see the sign of a zero, which a number of Java does not have.
    expect(outcome(readInt({ text, quoted: false }, atLeastZero))).toStrictEqual(plain);
    expect(outcome(readInt({ text, quoted: true }, atLeastZero))).toStrictEqual(quoted);
  });

  test('of 32 bits is read as itself, and one outside of its limits is refused', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), fc.boolean(), (n, a, b, quoted) => {
        const limits = { min: Math.min(a, b), max: Math.max(a, b) };
        const isWithin = n >= limits.min && n <= limits.max;
        const { value, trouble } = readInt({ text: String(n), quoted }, limits);
        expect([value, trouble?.code]).toEqual(isWithin ? [n, undefined] : [undefined, 'out-of-range']);
      }),
      runs(2_000),
    );
  });
});

describe('an address', () => {
  test.each<[string, unknown]>([
    [' h : 1 ', { host: 'h', port: 1 }],
    ['h:00080', { host: 'h', port: 80 }],
    ['H\u00f6st.example:1', { host: 'H\u00f6st.example', port: 1 }],
    ['redis://h:6379', [{ host: 'redis', port: 6379 }, 'host-port-extra > h:6379']],
    ['redis://h:6379/0', 'bad-host-port > h:6379'],
    ['rediss://h:6379/', 'bad-host-port > h:6379'],
    // A suggestion would drop the number of a database, or a password.
    ['redis://h:6379/1', 'bad-host-port'],
    ['redis://u:p@h:1', [{ host: 'redis', port: 1 }, 'host-port-extra']],
    ['redis://:p@h:1/0', 'bad-host-port'],
    ['h:1.5', 'bad-host-port'],
    ['h:1e3', 'bad-host-port'],
    ['h:-1', 'bad-host-port'],
    ['h:+1', 'bad-host-port'],
    ['h:\u0663', 'bad-host-port'],
    ['h h:1', 'bad-host-port'],
    ['h/x:1', 'bad-host-port'],
    ['::1:6379', 'bad-host-port'],
    ['[::1]:6379', 'bad-host-port'],
    [':', 'bad-host-port'],
    ['', 'bad-host-port'],
    ['h:99999999999999999999', 'bad-host-port'],
  ])('%j', (text, wanted) => {
    expect(outcome(readHostPort(text))).toEqual(wanted);
  });

  test.each<[string, unknown]>([
    [
      'a:1 ,\tb:2',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    ],
    [
      '[::1]:1,[FE80::1]:2',
      [
        { host: '::1', port: 1 },
        { host: 'FE80::1', port: 2 },
      ],
    ],
    ['a:00001', [{ host: 'a', port: 1 }]],
    ['a:1,b', 'bad-host-port > a:1,b:9092'],
    ['a', 'bad-host-port > a:9092'],
    ['PLAINTEXT://a:1,SASL_SSL://b:2/', 'bad-host-port > a:1,b:2'],
    ['a:1,', 'bad-host-port > a:1'],
    ['a:1,,b:2', 'bad-host-port > a:1,b:2'],
    ['a : 1', 'bad-host-port > a:1'],
    ['a:1;b:2', 'bad-host-port'],
    ['a:1 b:2', 'bad-host-port'],
    ['::1:9092', 'bad-host-port'],
    ['[::g]:1', 'bad-host-port'],
    ['a/b:1', 'bad-host-port'],
    ['u:p@h:1', 'bad-host-port'],
    ['a:65536', 'bad-host-port'],
    ['a:0,b:1', 'bad-host-port'],
    [',', 'bad-host-port'],
    ['', 'bad-host-port'],
  ])('of brokers: %j', (text, wanted) => {
    expect(outcome(readBrokers(text))).toEqual(wanted);
  });
});

describe('a size', () => {
  test.each<[string, unknown]>([
    ['0', 0],
    ['00g', 0],
    ['4G ', 4e9],
    ['9007199254740991', 2 ** 53 - 1],
    ['9007199254740992', 'bad-size'],
    ['9007199254740993b', 'bad-size'],
    ['8796093022207kb', 8_796_093_022_207 * 1024],
    ['8796093022208kb', 'bad-size'],
    ['4 b', 'bad-size > 4'],
    ['4 gb', 'bad-size > 4gb'],
    ['4Gi', 'bad-size > 4gb'],
    ['4KiB', 'bad-size > 4kb'],
    ['4TB', 'bad-size > 4096gb'],
    ['1t', 'bad-size > 1000g'],
    ['1.5tib', 'bad-size > 1536gb'],
    ['0.5k', 'bad-size > 500'],
    ['1.0g', 'bad-size > 1g'],
    ['1.25mb', 'bad-size > 1280kb'],
    ['0.0001k', 'bad-size'],
    ['1.999999gb', 'bad-size'],
    ['-0', 'bad-size'],
    ['1e3', 'bad-size'],
    ['.5g', 'bad-size'],
    ['1_000', 'bad-size'],
    ['0x10', 'bad-size'],
    ['\u0664g', 'bad-size'],
    ['4gb4', 'bad-size'],
    ['4gig', 'bad-size'],
    ['constructor', 'bad-size'],
    ['1constructor', 'bad-size'],
    ['9'.repeat(400), 'bad-size'],
  ])('%j', (text, wanted) => {
    expect(outcome(readSize(text))).toEqual(wanted);
  });
});

describe('the size of an image', () => {
  test.each<[string, unknown]>([
    ['065,001', { height: 65, width: 1 }],
    ['65535,65535', { height: 65_535, width: 65_535 }],
    ['224x448', 'bad-image-resize > 224,448'],
    ['(224, 448)', 'bad-image-resize > 224,448'],
    ['224 448', 'bad-image-resize > 224,448'],
    ['224,448px', 'bad-image-resize > 224,448'],
    ['224,448,', 'bad-image-resize > 224,448'],
    ['00224x00448', 'bad-image-resize > 224,448'],
    // None of these can be what is meant.
    ['0,0', 'bad-image-resize'],
    ['0x224', 'bad-image-resize'],
    ['224,0', 'bad-image-resize'],
    ['65536,1', 'bad-image-resize'],
    ['99999x99999', 'bad-image-resize'],
    ['3,224,224', 'bad-image-resize'],
    ['-1,2', 'bad-image-resize'],
    ['1.5,2', 'bad-image-resize'],
    ['224', 'bad-image-resize'],
    ['a,b', 'bad-image-resize'],
    ['', 'bad-image-resize'],
  ])('%j', (text, wanted) => {
    expect(outcome(readImageSize(text))).toEqual(wanted);
  });
});

describe('a filter', () => {
  test.each<[string, unknown]>([
    [' topN (05) ', { kind: 'topN', n: 5 }],
    ['pickTopN(999999999)', { kind: 'pickTopN', n: 999_999_999 }],
    ['TOPN( 5 )', 'bad-post-processing > topN(5)'],
    ['picktopn(3)', 'bad-post-processing > pickTopN(3)'],
    ['topN(0)', 'bad-post-processing'],
    ['topN(9999999999)', 'bad-post-processing'],
    ['topN(1e3)', 'bad-post-processing'],
    ['topN(5))', 'bad-post-processing'],
    ['topN(5),topN(3)', 'bad-post-processing'],
    ['constructor(1)', 'bad-post-processing'],
    ['', 'bad-post-processing'],
  ])('%j', (text, wanted) => {
    expect(outcome(readFilter(text))).toEqual(wanted);
  });
});

test('what is suggested for a value is a value, and never the one that stands there', () => {
  const digits = fc.stringMatching(/^\d{1,6}$/);
  const separator = fc.constantFrom(',', 'x', ' ', ':', '.', '-', '/', ', ', '');
  const word = fc.constantFrom(
    '',
    'h',
    'topn(',
    ')',
    'gb',
    'Ti',
    'k',
    'redis://',
    '[',
    ']',
    'SSL://',
    'Redis',
    'flik',
  );
  const value = fc.array(fc.oneof(digits, separator, word), { maxLength: 6 }).map((parts) => parts.join(''));
  const keys = [
    'imageResize',
    'redisUrl',
    'redisMaxMemory',
    'postProcessing',
    'kafkaUrl',
    'backend',
    'batchSize',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...keys), value, (key, written) => {
      const text = `modelPath: m\nqueueUsed: ${key === 'kafkaUrl' ? 'kafka' : 'redis'}\n${key}: "${written}"\n`;
      for (const problem of readConfig(text).problems.filter(({ data }) => data?.key === key)) {
        const fixed = applyEdits(text, fixProblem(problem, text));
        if (problem.data?.replacement === undefined) continue;
        expect(fixed).not.toBe(text);
        expect(readConfig(fixed).problems.map(({ code }) => code)).not.toContain(problem.code);
      }
    }),
    runs(6_000),
  );
});

describe('the nearest word', () => {
  const words = ['modelPath', 'jobName', 'redisUrl', 'redisPassword'];

  test.each<[string, string | undefined]>([
    ['MODEL_PATH', 'modelPath'],
    ['mo-del.pa th', 'modelPath'],
    ['m\u00f6delPath', 'modelPath'],
    ['model', 'modelPath'],
    ['password', 'redisPassword'],
    ['', undefined],
    ['_', undefined],
    ['zzz', undefined],
    ['constructor', undefined],
    [`modelPath${'x'.repeat(52)}`, undefined],
  ])('of %j is %s', (word, wanted) => {
    expect(nearest(word, words)).toBe(wanted);
  });

  test('of none is none, and an empty one is near to nothing', () => {
    expect([nearest('a', []), nearest('', ['']), nearest('a', [''])]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('is as far from one word as that is from it, and one slip of the fingers is one step', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\ud83d'), maxLength: 8 });
    fc.assert(
      fc.property(short, short, fc.nat(7), (a, b, place) => {
        const distance = editDistance(a, b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        const at = Math.min(place, a.length);
        expect(editDistance(a, `${a.slice(0, at)}z${a.slice(at)}`)).toBe(1);
        if (at + 2 > a.length || a[at] === a[at + 1]) return;
        expect(editDistance(a, a.slice(0, at) + a.charAt(at + 1) + a.charAt(at) + a.slice(at + 2))).toBe(1);
      }),
      runs(2_000),
    );
  });
});
