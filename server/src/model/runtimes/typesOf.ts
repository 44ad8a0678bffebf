import {
  modelTypeNames,
  modelTypeRow,
  type ModelType,
  type RuntimeName,
} from '../../../../schemas/runtimes.ts';

/** The types of models that a runtime runs. */
export function typesOf(name: RuntimeName): readonly ModelType[] {
  return modelTypeNames.filter((type) => modelTypeRow(type).runtimes.includes(name));
}
