import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ByteSource } from '../../server/src/model/graph/fieldReader.ts';

const folder = join(import.meta.dirname, '../fixtures/batching');

/** Models whose rows decide over each other (`mixing`), and small versions of what exporters write (`rowwise`). */
export function batchModels(kind: 'mixing' | 'rowwise'): string[] {
  return readdirSync(join(folder, kind)).map((file) => file.replace('.onnx', ''));
}

export function batchModel(kind: 'mixing' | 'rowwise', name: string): string {
  return join(folder, kind, `${name}.onnx`);
}

export function bytesOf(file: string): ByteSource {
  return sourceOf(readFileSync(file));
}

export function sourceOf(bytes: Uint8Array): ByteSource {
  return (start, count) => Promise.resolve(bytes.subarray(start, start + count));
}
