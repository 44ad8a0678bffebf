import { positionOf } from '../../tensor/tensor.ts';
import type { ModelTensor } from '../model.ts';

const maxInt32 = 2 ** 31 - 1;
const minInt32 = -(2 ** 31);
const maxFloat32 = 3.4028234663852886e38;

/** OpenVINO's processor plugin computes these types in narrower ones, and silently cuts off what does not fit. */
const computedIn: Partial<Record<ModelTensor['type'], readonly [type: string, min: number, max: number]>> = {
  int64: ['int32', minInt32, maxInt32],
  uint64: ['int32', 0, maxInt32],
  uint32: ['int32', 0, maxInt32],
  float64: ['float32', -maxFloat32, maxFloat32],
};

/** Types that answers have digits of which OpenVINO does not compute. @returns the type that it computes in instead */
export function narrowedType(type: string): string | undefined {
  return computedIn[type as ModelTensor['type']]?.[0];
}

/** @throws where a value would be cut off: a wrong number would be answered */
export function requireRange({ name, type, shape, data }: ModelTensor): void {
  const narrowed = computedIn[type];
  if (!narrowed) return;
  const [computed, min, max] = narrowed;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number | bigint;
    if ((value >= min && value <= max) || !Number.isFinite(Number(value))) continue;
    throw new Error(
      `the input "${name}" holds ${value} at ${positionOf(shape, i) || 'its one place'}, and OpenVINO computes ${type} in ${computed}, which cannot hold it`,
    );
  }
}
