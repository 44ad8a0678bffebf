import { expect, test } from 'vitest';
import { readForm } from '../../../server/src/http/body/formData.ts';

const type = 'multipart/form-data; boundary=xyz';
const part = (head: string, body: string) =>
  `--xyz\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;

test('files and fields are distinguished, and bytes come through whole', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const body = Buffer.concat([
    Buffer.from(part('name="a"', 'text')),
    Buffer.from(
      '--xyz\r\nContent-Disposition: form-data; name="f"; filename="p.png"\r\nContent-Type: image/png\r\n\r\n',
    ),
    bytes,
    Buffer.from('\r\n--xyz--\r\n'),
  ]);
  expect(readForm(type, body)).toEqual([
    { name: 'a', fileName: undefined, bytes: Buffer.from('text') },
    { name: 'f', fileName: 'p.png', bytes },
  ]);
});

test.each([
  ['no boundary', 'multipart/form-data', part('name="a"', 'x')],
  ['no end', type, part('name="a"', 'x')],
  ['no name', type, `${part('x', 'x')}--xyz--`],
  ['nothing', type, ''],
])('%s is no form', (_what, contentType, body) => {
  expect(readForm(contentType, Buffer.from(body))).toBeUndefined();
});
