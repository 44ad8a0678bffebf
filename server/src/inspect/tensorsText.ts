import { anyType, type TensorInfo } from '../../../schemas/jobEvents.ts';

/** What a model takes or answers, in one line for people; a model of Python may say little of it, or nothing. */
export function tensorsText(infos: readonly TensorInfo[]): string {
  return infos.length === 0 ? 'the model does not say' : infos.map(tensorText).join(', ');
}

function tensorText({ name, type, shape, openRank }: TensorInfo): string {
  const axes = openRank === true ? 'any shape' : shape.map((size) => size ?? '?').join(',');
  if (type === anyType && openRank === true) return `${name} (any type and shape)`;
  return `${name} ${type === anyType ? 'any type' : type}[${axes}]`;
}
