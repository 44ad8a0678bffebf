import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from '../../../server/src/codec/base64.ts';
import { decodeImage } from '../../../server/src/codec/image/decodeImage.ts';
import { readImageSize, requireImage } from '../../../server/src/codec/image/header.ts';
import { parseInstances, imagesText } from '../../../server/src/codec/instances.ts';
import { checkImage } from '../../../server/src/codec/image/checkImage.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const image = (name: string) => readFileSync(join(fixtures, 'images', name));
const whole = { layout: 'hwc' } as const;
const code = (name: string) => expect.objectContaining({ code: name }) as Error;

describe('base64', () => {
  const bytes = Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 7) & 255));
  const text = bytes.toString('base64');

  it.each<[string, string]>([
    ['lines of mail', text.replace(/.{76}/g, '$&\r\n')],
    ['a line end behind it', `${text}\n`],
    ['blanks and tabs', ` ${text.slice(0, 10)} \t${text.slice(10)}  `],
    ['a data URL', `data:image/png;base64,${text}`],
    ['a data URL in capitals, with a parameter and lines', ` DATA:image/jpeg;name="a b";BASE64,\n${text}\n`],
    ['a data URL without a type', `data:;base64,${text}`],
    ['no padding', text.replace(/=+$/, '')],
    ['the letters of URLs', bytes.toString('base64url')],
  ])('is read with %s', (_what, written) => {
    expect(decodeBase64(written)).toEqual(bytes);
  });

  it.each([
    'data:image/png,abcd',
    'data:text/plain;charset=x,abcd',
    'ab*d',
    'abcde',
    'data:',
    'image/png;base64,abcd',
    'abcd\u00a0*',
  ])('is not "%s"', (written) => {
    expect(() => decodeBase64(written)).toThrow(code('record-undecodable'));
  });

  it('of any bytes, broken into any lines, is read as these bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat(400), { maxLength: 9 }),
        (any, breaks) => {
          const letters = Buffer.from(any).toString('base64').split('');
          for (const at of breaks) letters.splice(at, 0, '\n');
          expect(decodeBase64(letters.join(''))).toEqual(Buffer.from(any));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('of a text with line breaks becomes JSON that can be read', () => {
    const [inputs = new Map()] = parseInstances({ instances: [{ x: `${text}\n`, y: `a\t${text}` }] });
    expect(parseInstances(imagesText(inputs))).toEqual([inputs]);
  });
});

describe('an image with something behind its end', () => {
  const film = Buffer.alloc(300_000, 'ftypmp42 a film of a phone');

  it.each(['jpeg-420.jpg', 'jpeg-progressive.jpg', 'jpeg-restart.jpg', 'png-rgb.png', 'png-interlaced.png'])(
    '%s is read',
    (name) => {
      const file = Buffer.concat([image(name), film]);
      expect(() => checkImage('x', file, [null, 3, null, null])).not.toThrow();
      expect(decodeImage(file, whole)).toEqual(decodeImage(image(name), whole));
      // The film may hold whole images.
      expect(decodeImage(Buffer.concat([file, image('png-even.png')]), whole)).toEqual(
        decodeImage(image(name), whole),
      );
    },
  );

  it.each(['jpeg-420.jpg', 'png-rgb.png'])(
    'is %s cut off if its end is not there, whatever follows',
    (name) => {
      const cut = image(name).subarray(0, -30);
      expect(() => checkImage('x', cut, [])).toThrow(code('record-undecodable'));
      expect(() => checkImage('x', Buffer.concat([cut, Buffer.alloc(9_000)]), [])).toThrow(
        code('record-undecodable'),
      );
    },
  );

  it('is cut off if the only end is that of the small image in its EXIF data', () => {
    const small = image('jpeg-gray.jpg');
    const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, (small.length + 2) >> 8, (small.length + 2) & 255]);
    const file = Buffer.concat([head, small, image('jpeg-444.jpg').subarray(2)]);
    expect(readImageSize('x', file)).toEqual({ height: 43, width: 61 });
    expect(() => readImageSize('x', file.subarray(0, -40))).toThrow(code('record-undecodable'));
  });
});

describe('the orientation of a PNG', () => {
  interface Golden {
    readonly file: string;
    readonly golden: string;
    readonly height: number;
    readonly width: number;
  }
  const oriented = (name: string) => readFileSync(join(fixtures, 'oriented', name));
  const goldens = JSON.parse(oriented('index.json').toString()) as readonly Golden[];

  it.each(goldens)('$file becomes what OpenCV makes of it', ({ file, golden, height, width }) => {
    const decoded = decodeImage(oriented(file), whole);
    expect([decoded.height, decoded.width]).toEqual([height, width]);
    expect(Buffer.from(Uint8Array.from(decoded.data))).toEqual(gunzipSync(oriented(golden)));
    expect(readImageSize('x', oriented(file))).toEqual({ height, width });
  });
});

describe('an image is looked at before it is decoded', () => {
  /** A PNG whose header claims a size, and whose pixels are damaged: decoding it fails. */
  function claiming(height: number, width: number): Buffer {
    const file = image('png-rgb.png');
    file.writeUInt32BE(width, 16);
    file.writeUInt32BE(height, 20);
    file.fill(0, 60, 200);
    return file;
  }

  it.each<[string, (number | null)[]]>([
    ['vectors', [null, 64]],
    ['one channel', [null, 1, 28, 28]],
    ['another size', [null, 3, 224, 224]],
    ['another size, colours innermost', [1, 224, 224, 3]],
    ['tokens', [null, null]],
    ['films', [null, 3, 16, 112, 112]],
  ])('and refused by a model of %s', (_what, shape) => {
    const layout = shape.at(-1) === 3 ? 'hwc' : 'chw';
    expect(() => decodeImage(claiming(4_000, 4_000), { layout, shape })).toThrow(code('input-mismatch'));
  });

  it('and decoded where it may fit', () => {
    const resize = { height: 8, width: 6 };
    for (const shape of [[], [null, 3, null, null], [null, 3, 8, 6], [null, 1, 3, 8, 6], [8, 3, 8, 6]])
      expect(decodeImage(image('png-rgb.png'), { layout: 'chw', resize, shape }).height).toBe(8);
    // Turned upright, it is as high as the file says that it is wide.
    const turned = readFileSync(join(fixtures, 'oriented', 'little-6.png'));
    expect(decodeImage(turned, { layout: 'chw', shape: [null, 3, 11, 7] }).height).toBe(11);
    expect(() => decodeImage(turned, { layout: 'chw', shape: [null, 3, 7, 11] })).toThrow(
      code('input-mismatch'),
    );
  });

  it('by the frontend, which does not know the resize: sizes pass, other inputs do not', () => {
    expect(() => checkImage('x', image('png-rgb.png'), [null, 3, 224, 224])).not.toThrow();
    expect(() => checkImage('x', image('png-rgb.png'), [null, 224, 224, 3])).not.toThrow();
    expect(() => checkImage('x', image('png-rgb.png'), [])).not.toThrow();
    for (const shape of [[null, 64], [null, 1, 28, 28], [64]])
      expect(() => checkImage('x', image('png-rgb.png'), shape)).toThrow(code('input-mismatch'));
  });

  it('and refused where it is larger than cameras make them', () => {
    expect(() => readImageSize('x', claiming(5_001, 5_000))).toThrow(code('record-undecodable'));
    expect(() => readImageSize('x', claiming(0xffffffff, 0xffffffff))).toThrow(code('record-undecodable'));
    expect(readImageSize('x', claiming(4_016, 6_016))).toEqual({ height: 4_016, width: 6_016 });
  });

  it('and what a model wants is said with the input', () => {
    expect(() => requireImage('instances[0].x', undefined, 'chw', [null, 64])).toThrow(
      'instances[0].x: an image becomes [1, 3, ?, ?], and the model wants [?, 64].',
    );
  });
});
