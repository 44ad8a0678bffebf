import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import type { ModelFacts } from '../../../../server/src/ask/prepare.ts';
import { imageInstances } from '../../../../server/src/http/body/imageBody.ts';

const bytes = Buffer.from([0xff, 0xd8, 0, 13, 10, 0x2d, 0x2d]);
const image = { kind: 'image', base64: bytes.toString('base64') };

function modelOf(...names: readonly string[]): ModelFacts {
  return { inputs: names.map((name) => ({ name, type: 'float32', shape: [null] })) } as unknown as ModelFacts;
}
function read(type: string | undefined, body: Buffer, model?: ModelFacts, query: object = {}) {
  const request = {
    headers: type === undefined ? {} : { 'content-type': type },
    query,
  } as unknown as FastifyRequest;
  return imageInstances(request, body, model)?.map((inputs) => [...inputs]);
}
function form(...parts: readonly (readonly [name: string, file: string | undefined])[]): Buffer {
  const pieces = parts.map(([name, file]) => {
    const head = `--B\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n')]);
  });
  return Buffer.concat([...pieces, Buffer.from('--B--\r\n')]);
}
const formType = 'multipart/form-data; boundary=B';

describe('a body that is an image', () => {
  test.each(['image/jpeg', 'IMAGE/PNG', 'image/webp; q=1', 'application/octet-stream'])(
    'of the type %s is one instance',
    (type) => {
      expect(read(type, bytes, modelOf('pixels'))).toEqual([[['pixels', image]]]);
    },
  );

  test.each([undefined, '', 'application/json', 'text/plain', 'image/svg+xml', 'ximage/png', 'image/pngx'])(
    'of the type %j is none',
    (type) => {
      expect(read(type, bytes, modelOf('pixels'))).toBeUndefined();
    },
  );

  test('is named by the query, else by the model, else by a word of its own', () => {
    expect(read('image/png', bytes, modelOf('a', 'b'), { input: 'b' })).toEqual([[['b', image]]]);
    expect(read('image/png', bytes, modelOf('a', 'b'))).toEqual([[['a', image]]]);
    expect(read('image/png', bytes)?.[0]?.[0]?.[1]).toEqual(image);
    expect(read('image/png', bytes, modelOf('a'), { input: ['x', 'y'] })).toEqual([[['a', image]]]);
    expect(read('image/png', bytes, modelOf('a'), { input: '__proto__' })).toEqual([[['__proto__', image]]]);
  });

  test('may be empty: what decodes it says so', () => {
    expect(read('image/png', Buffer.alloc(0))).toEqual([
      [[expect.any(String), { kind: 'image', base64: '' }]],
    ]);
  });
});

describe('a form', () => {
  test('has an instance for each file where the model has one input', () => {
    const body = form(['x', 'a.jpg'], ['x', 'b.jpg'], ['y', '']);
    expect(read(formType, body, modelOf('pixels'))).toEqual([
      [['pixels', image]],
      [['pixels', image]],
      [['pixels', image]],
    ]);
  });

  test('is one instance where the model has several inputs, each file by its name', () => {
    const body = form(['left', 'a.jpg'], ['right', 'b.jpg'], ['note', undefined]);
    expect(read(formType, body, modelOf('left', 'right'))).toEqual([
      [
        ['left', image],
        ['right', image],
      ],
    ]);
  });

  test('with two files of one name is refused where the model has several inputs: one of them would be lost', () => {
    const body = form(['left', 'a.jpg'], ['left', 'b.jpg']);
    expect(() => read(formType, body, modelOf('left', 'right'))).toThrow(
      expect.objectContaining({
        code: 'record-undecodable',
        message: expect.stringMatching(/two files/) as string,
      }) as Error,
    );
  });

  test.each<[string, string, Buffer]>([
    ['without a file', formType, form(['note', undefined])],
    ['without parts', formType, form()],
    ['that is cut off', formType, form(['x', 'a.jpg']).subarray(0, -8)],
    ['without its boundary', 'multipart/form-data', form(['x', 'a.jpg'])],
    ['with another boundary', 'multipart/form-data; boundary=C', form(['x', 'a.jpg'])],
    ['that is empty', formType, Buffer.alloc(0)],
  ])('%s is refused', (_, type, body) => {
    expect(() => read(type, body, modelOf('pixels'))).toThrow(
      expect.objectContaining({ code: 'record-undecodable' }) as Error,
    );
  });
});
