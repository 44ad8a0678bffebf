import { decodeResult } from '../../server/src/codec/decodeResult.ts';
import { encodeRecord } from '../../server/src/codec/encodeRecord.ts';
import type { DenseTensor } from '../../server/src/tensor/tensor.ts';
import { eventually, type TestRedis } from './redis.ts';

/** A tensor from nested numbers given flat. */
export function dense(shape: readonly number[], values: readonly number[]): DenseTensor {
  return { kind: 'dense', type: 'float32', shape, data: Float32Array.from(values) };
}

export function record(inputs: Readonly<Record<string, DenseTensor>>): string {
  return encodeRecord(new Map(Object.entries(inputs)));
}

export async function put(
  redis: TestRedis,
  jobName: string,
  uri: string,
  data: string,
  serde?: string,
): Promise<void> {
  await redis.client.xadd(
    jobName,
    '*',
    'uri',
    uri,
    'data',
    data,
    ...(serde === undefined ? [] : ['serde', serde]),
  );
}

/** The text of a result, once it is there. */
export function answerOf(
  redis: TestRedis,
  jobName: string,
  uri: string,
  deadlineMs?: number,
): Promise<string> {
  return eventually(
    `a result for ${uri}`,
    async () => (await redis.client.hget(`cluster-serving_${jobName}:${uri}`, 'value')) ?? undefined,
    deadlineMs,
  );
}

/** A result as shapes and numbers, or its text if it is no Arrow. */
export async function outputsOf(redis: TestRedis, jobName: string, uri: string): Promise<unknown> {
  const text = await answerOf(redis, jobName, uri);
  if (text === 'NaN' || text.startsWith('[')) return text;
  return decodeResult(text).map(({ shape, data }) => ({ shape: [...shape], data: [...data] }));
}
