import type { Backend } from '../../../../schemas/jobEvents.ts';
import {
  modelTypeNames,
  modelTypeRow,
  runtimeNames,
  runtimeRow,
  type ModelType,
  type RuntimeName,
} from '../../../../schemas/runtimes.ts';

export type RuntimeChoice = { readonly runtime: RuntimeName } | { readonly refusal: string };

/** The runtime of a model: the one that the config names, else the usual one of its type.
 *  @returns a refusal, in words that go behind the model's name, where none runs it there */
export function chooseRuntime(
  type: ModelType,
  backend: Backend,
  wanted: 'auto' | RuntimeName,
): RuntimeChoice {
  const { title, instead, runtimes } = modelTypeRow(type);
  const able = runtimes.filter((name) => runtimeRow(name).backends.includes(backend));
  const [usual] = able;
  if (usual === undefined) {
    const here =
      instead ?? (runtimes.length > 0 ? 'Take backend: embedded, or export it to ONNX' : 'Export it to ONNX');
    const way = backend === 'flink' ? `${here}, or start with --jar and a jar that runs it` : here;
    return {
      refusal: `is a ${title} model, which the ${backend} backend cannot run (it runs ${servedBy(backend)}). ${way}`,
    };
  }
  if (wanted === 'auto' || able.includes(wanted)) return { runtime: wanted === 'auto' ? usual : wanted };
  const words = able.map((name) => `runtime: ${name}`).join(' or ');
  return {
    refusal: `is a ${title} model, which runtime: ${wanted} does not run. Write ${words}, or remove the key`,
  };
}

function servedBy(backend: Backend): string {
  const names = runtimeNames.filter((name) => runtimeRow(name).backends.includes(backend));
  const types = modelTypeNames.filter((type) =>
    modelTypeRow(type).runtimes.some((name) => names.includes(name)),
  );
  return types.map((type) => modelTypeRow(type).title).join(', ');
}
