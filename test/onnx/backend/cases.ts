import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '../../../server/src/tensor/tensor.ts';
import { root } from '../../support/serving.ts';
import { readTensorProto } from './protos.ts';

/** The ONNX project's own test cases for backends: models of one operator each, and small ones of several. */
export const categories = ['node', 'simple', 'pytorch-converted', 'pytorch-operator'] as const;
export type Category = (typeof categories)[number];

export interface Case {
  readonly category: Category;
  readonly name: string;
  readonly folder: string;
}

export interface DataSet {
  /** By position; undefined where it is no tensor of a type that the runtime's binding has. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly (Tensor | undefined)[];
}

/** Where the setup script has installed the package `onnx`.
 *  @throws Error where it has not */
function dataFolder(): string {
  const lib = join(root, '.cache', 'onnx-cases', 'lib');
  const python = existsSync(lib) ? readdirSync(lib).find((name) => name.startsWith('python')) : undefined;
  const folder = join(lib, python ?? 'python', 'site-packages', 'onnx', 'backend', 'test', 'data');
  if (!existsSync(folder)) throw new Error(`${folder} is missing: run the suite by "npm run test:onnx"`);
  return folder;
}

export function listCases(category: Category): readonly Case[] {
  const folder = join(dataFolder(), category);
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'model.onnx')))
    .sort()
    .map((name) => ({ category, name, folder: join(folder, name) }));
}

export function modelOf({ folder }: Case): string {
  return join(folder, 'model.onnx');
}

export function readDataSets({ folder }: Case): readonly DataSet[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('test_data_set_'))
    .sort()
    .map((name) => ({
      inputs: readAll(join(folder, name), 'input'),
      outputs: readAll(join(folder, name), 'output'),
    }));
}

function readAll(folder: string, kind: 'input' | 'output'): readonly (Tensor | undefined)[] {
  const count = readdirSync(folder).filter((name) => name.startsWith(`${kind}_`)).length;
  return Array.from({ length: count }, (_, i) => {
    try {
      return readTensorProto(readFileSync(join(folder, `${kind}_${i}.pb`)));
    } catch {
      // A sequence, or an optional value.
      return undefined;
    }
  });
}
