import type { InputPreview, Statistics } from '../../../schemas/redis/queueReports.ts';

/** An input of a record in a line, for people. */
export function inputText(input: InputPreview): string {
  switch (input.kind) {
    case 'tensor':
    case 'sparse': {
      const { kind, dtype, shape, statistics, count, values } = input;
      const rest = count > values.length ? ', …' : '';
      const stored = kind === 'sparse' ? `, sparse, ${count} values` : '';
      return `${dtype}[${shape.join('×')}]${stored}${figures(statistics)}: ${values.map(short).join(', ')}${rest}`;
    }
    case 'text':
      return `text[${input.shape.join('×')}]: ${input.texts.map((text) => JSON.stringify(text)).join(', ')}${input.count > input.texts.length ? ', …' : ''}`;
    case 'image':
      return `${input.format} of ${input.width}×${input.height} pixels, ${input.bytes} bytes; as float32[${input.shape.join('×')}] of blue, green, red${figures(input.statistics)}`;
    case 'undecodable':
      return input.error;
  }
}

function figures(statistics: Statistics | undefined): string {
  if (!statistics) return '';
  const { min, max, mean, notFinite } = statistics;
  const odd = notFinite > 0 ? `, ${notFinite} not finite` : '';
  return `, min ${short(min)}, max ${short(max)}, mean ${short(mean)}${odd}`;
}

function short(value: number | string): string {
  if (typeof value === 'string') return value;
  return String(Number(value.toPrecision(5)));
}
