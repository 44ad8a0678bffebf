import { halfToNumber } from '../../../server/src/tensor/half.ts';
import {
  shapeText,
  stringBytes,
  type StringElement,
  type Tensor,
} from '../../../server/src/tensor/tensor.ts';

/** As the ONNX project's runner for backends compares. */
const relative = 1e-3;
const absolute = 1e-7;

/** @returns what differs beyond the tolerance; undefined where nothing does */
export function differsFrom(found: Tensor | undefined, wanted: Tensor): string | undefined {
  return compare(found, wanted, isNear);
}

/** @returns what differs at all */
export function differsAtAll(found: Tensor | undefined, wanted: Tensor): string | undefined {
  return compare(found, wanted, (a, b) => Object.is(a, b));
}

/** @returns the first output that differs, and how */
export function firstDifference(
  found: readonly Tensor[],
  wanted: readonly (Tensor | undefined)[],
  differs: typeof differsFrom,
): string | undefined {
  if (found.length !== wanted.length) return `${found.length} outputs instead of ${wanted.length}`;
  for (const [i, tensor] of wanted.entries()) {
    const difference = tensor ? differs(found[i], tensor) : 'is of a type that cannot be read here';
    if (difference) return `output ${i} ${difference}`;
  }
  return undefined;
}

function isNear(a: number, b: number): boolean {
  return Object.is(a, b) || a === b || Math.abs(a - b) <= absolute + relative * Math.abs(b);
}

function compare(
  found: Tensor | undefined,
  wanted: Tensor,
  isAlike: (a: number, b: number) => boolean,
): string | undefined {
  if (!found) return 'is missing';
  if (found.type !== wanted.type) return `is ${found.type} instead of ${wanted.type}`;
  if (found.shape.join() !== wanted.shape.join())
    return `has the shape ${shapeText(found.shape)} instead of ${shapeText(wanted.shape)}`;
  if (found.data.length !== wanted.data.length)
    return `has ${found.data.length} elements instead of ${wanted.data.length}`;
  const isFloat = wanted.type.startsWith('float');
  for (let i = 0; i < wanted.data.length; i++) {
    const [a, b] = [found.data[i], wanted.data[i]];
    const isSame = isFloat
      ? isAlike(numberOf(wanted.type, a as number), numberOf(wanted.type, b as number))
      : isSameElement(a, b);
    if (!isSame) return `has ${String(a)} instead of ${String(b)} at ${i}`;
  }
  return undefined;
}

function numberOf(type: string, value: number): number {
  return type === 'float16' ? halfToNumber(value) : value;
}

function isSameElement(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' || a instanceof Uint8Array)
    return Buffer.from(stringBytes(a)).equals(stringBytes(b as StringElement));
  return a === b;
}
