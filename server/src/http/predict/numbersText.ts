import type { ElementType } from '../../tensor/elementTypes.ts';
import { halfToNumber } from '../../tensor/half.ts';
import { isStrings, type TensorData } from '../../tensor/tensor.ts';

/** The elements of a tensor as JSON, each with all its digits; what JSON has no word for is null. */
export function elementsText(type: ElementType, data: TensorData): string {
  if (data instanceof Float32Array) return floatsText(data);
  if (isStrings(data))
    return data
      .map((one) => JSON.stringify(typeof one === 'string' ? one : Buffer.from(one).toString()))
      .join();
  if (type === 'bool') return Array.from(data as Uint8Array, (value) => String(value !== 0)).join();
  if (type === 'float16') return floatsText(Float32Array.from(data as Uint16Array, halfToNumber));
  if (data instanceof Float64Array) return Array.from(data, doubleText).join();
  return data.join();
}

/** The fewest digits that give the same number back. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${String(value)}.0` : String(value);
}

function floatsText(data: Float32Array): string {
  let text = '';
  for (let i = 0; i < data.length; i++) {
    if (i > 0) text += ',';
    text += numberText(data[i] ?? NaN);
  }
  return text;
}

/** Seven to nine decimals are mostly enough for a number of this size, and rounding to them costs half of what rounding
 *  to digits does. */
const [leastRounded, mostRounded] = [1e-2, 1e4];
const decimals = [1e7, 1e8, 1e9];

/** Not always the fewest digits, which would take several times as long to find; mostly seven or eight. */
function numberText(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) < 1e21 ? `${String(value)}.0` : String(value);
  if (!Number.isFinite(value)) return 'null';
  const size = Math.abs(value);
  if (size >= leastRounded && size < mostRounded)
    for (const scale of decimals) {
      const candidate = Math.round(value * scale) / scale;
      if (Math.fround(candidate) === value) return String(candidate);
    }
  for (let digits = 7; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return String(candidate);
  }
  return String(Number(value.toPrecision(9)));
}
