import type { ModelStructure } from '../../../../schemas/modelReport.ts';
import { countOperators } from './countOperators.ts';

/** Layers that hold or name values and compute nothing. */
const notOperators = new Set(['Parameter', 'Result', 'Const']);

/** The operators of an OpenVINO IR, those of bodies within operators too.
 *  @param text  of its XML @returns undefined for what is none */
export function irStructure(text: string): ModelStructure | undefined {
  const net = /<net\b([^>]*)>/.exec(text);
  if (!net) return undefined;
  const layers = Array.from(text.matchAll(/<layer\b([^>]*)>/g), ([, attributes = '']) => ({
    type: attributeOf(attributes, 'type'),
    set: attributeOf(attributes, 'version'),
  })).filter(({ type }) => type !== '' && !notOperators.has(type));
  const sets = layers.flatMap(({ set }) => Number(/^opset(\d+)$/.exec(set)?.[1] ?? NaN));
  const opset = Math.max(0, ...sets.filter(Number.isFinite));
  const version = Number(attributeOf(net[1] ?? '', 'version'));
  return {
    operators: countOperators(layers.map(({ type }) => type)),
    versions: [
      ...(version > 0 ? [{ name: 'IR', version }] : []),
      ...(opset > 0 ? [{ name: 'OpenVINO', version: opset }] : []),
    ],
  };
}

function attributeOf(attributes: string, name: string): string {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
}
