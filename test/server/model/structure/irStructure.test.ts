import { expect, test } from 'vitest';
import { irStructure } from '../../../../server/src/model/structure/irStructure.ts';

const ir = (layers: string) =>
  `<?xml version="1.0"?>\n<net name="m" version="11">\n<layers>${layers}</layers>\n</net>`;

test('layers that compute are counted, and the newest set of operators is named', () => {
  const text = ir(`
    <layer id="0" name="x" type="Parameter" version="opset1"/>
    <layer id="1" name="w" type="Const" version="opset1"/>
    <layer id="2" name="a" type="MatMul" version="opset1"/>
    <layer type="Gelu" id="3" version="opset7" name="g"/>
    <layer id="4" name="b" type="MatMul" version="opset1"/>
    <layer id="5" name="y" type="Result" version="opset1"/>`);
  expect(irStructure(text)).toEqual({
    operators: [
      { name: 'MatMul', count: 2 },
      { name: 'Gelu', count: 1 },
    ],
    versions: [
      { name: 'IR', version: 11 },
      { name: 'OpenVINO', version: 7 },
    ],
  });
});

test('layers of extensions have no set of operators', () => {
  expect(irStructure(ir('<layer id="0" name="a" type="Mine" version="extension"/>'))).toEqual({
    operators: [{ name: 'Mine', count: 1 }],
    versions: [{ name: 'IR', version: 11 }],
  });
});

test('the layers of a body within a layer count too', () => {
  const loop =
    '<layer id="0" name="l" type="Loop" version="opset5"><body><layers><layer id="0" name="a" type="Add" version="opset1"/></layers></body></layer>';
  expect(irStructure(ir(loop))?.operators).toEqual([
    { name: 'Add', count: 1 },
    { name: 'Loop', count: 1 },
  ]);
});

test('other XML has no structure', () => {
  expect(irStructure('<project><network layer="1"/></project>')).toBeUndefined();
  expect(irStructure('')).toBeUndefined();
});
