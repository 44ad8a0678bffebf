import type { TensorInfo } from '../../../../schemas/jobEvents.ts';

/** Where a model wants the three colours of an image: innermost if it says so, as TensorFlow's do, or if its last axis is
 *  of size 3; else outermost. */
export function imageLayout(input: Pick<TensorInfo, 'shape' | 'layout'> | undefined): 'chw' | 'hwc' {
  if (input?.layout) return input.layout;
  const shape = input?.shape ?? [];
  return shape.at(-1) === 3 && shape.at(-3) !== 3 ? 'hwc' : 'chw';
}
