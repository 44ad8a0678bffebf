import { expect, test } from 'vitest';
import { sizeText } from '../../../web/model/sizeText.ts';

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [950, '950 bytes'],
  [12_345, '12.3 kB'],
  [4_560_000, '4.56 MB'],
  [1_200_000_000, '1.2 GB'],
  [25_000_000_000_000, '25 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(sizeText(bytes, 'en')).toBe(text);
});
