import type { Backend } from '../../../../schemas/jobEvents.ts';
import {
  modelTypeNames,
  modelTypeRow,
  type ModelType,
  type RuntimeName,
} from '../../../../schemas/runtimes.ts';

export type RuntimeChoice = { readonly runtime: RuntimeName } | { readonly refusal: string };

/** The runtime of a model: the one that the config names, else the usual one of its type.
 *  @returns a refusal, in words that go behind the model's name, where none runs it */
export function chooseRuntime(
  type: ModelType,
  backend: Backend,
  wanted: 'auto' | RuntimeName,
): RuntimeChoice {
  const { title, instead, runtimes } = modelTypeRow(type);
  const [usual] = runtimes;
  if (usual === undefined) {
    const here = instead ?? 'Export it to ONNX';
    const way = backend === 'flink' ? `${here}, or start with --jar and a jar that runs it` : here;
    return { refusal: `is a ${title} model, which nothing here runs (these are run: ${served()}). ${way}` };
  }
  if (wanted === 'auto' || runtimes.includes(wanted)) return { runtime: wanted === 'auto' ? usual : wanted };
  const words = runtimes.map((name) => `runtime: ${name}`).join(' or ');
  return {
    refusal: `is a ${title} model, which runtime: ${wanted} does not run. Write ${words}, or remove the key`,
  };
}

function served(): string {
  const types = modelTypeNames.filter((type) => modelTypeRow(type).runtimes.length > 0);
  return types.map((type) => modelTypeRow(type).title).join(', ');
}
