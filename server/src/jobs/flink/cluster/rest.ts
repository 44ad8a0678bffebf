import { ServingError } from '../../../../../schemas/errors.ts';
import type { HostPort } from '../../../../../schemas/config/configKey.ts';

/** How long one answer of Flink may take. Submitting runs the job's main on the cluster, which takes longer. */
const answerMs = 5_000;
export const runMs = 60_000;

export interface RestCall {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What Flink refused. */
export class FlinkRefusal extends ServingError {
  readonly status: number;
  /** Flink's own words, often a Java trace. */
  readonly answer: string;

  constructor(address: HostPort, status: number, answer: string) {
    const line = answer.split('\n').find((text) => text.trim() !== '') ?? '';
    super('flink-failed', `Flink at ${flinkText(address)} answered ${status}: ${line.slice(0, 300)}`);
    this.name = 'FlinkRefusal';
    this.status = status;
    this.answer = answer;
  }
}

export function flinkText({ host, port }: HostPort): string {
  return `${host}:${port}`;
}

/** One call of Flink's REST interface. @returns the parsed JSON of its answer
 *  @throws FlinkRefusal for a status of 400 and above; ServingError "flink-refused" or "flink-not-flink" */
export async function callFlink(address: HostPort, path: string, call: RestCall = {}): Promise<unknown> {
  const { method = 'GET', body, timeoutMs = answerMs, signal } = call;
  const timeout = AbortSignal.timeout(timeoutMs);
  let status: number;
  let text: string;
  try {
    const response = await fetch(`http://${flinkText(address)}${path}`, {
      method,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      redirect: 'manual',
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw unreachable(address, error, timeoutMs);
  }
  return readAnswer(address, status, text);
}

/** Reads an answer as the interface gives it. */
export function readAnswer(address: HostPort, status: number, text: string): unknown {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw notFlink(address);
  }
  if (typeof answer !== 'object' || answer === null) throw notFlink(address);
  if (status < 400) return answer;
  const errors = (answer as { errors?: unknown }).errors;
  if (!Array.isArray(errors)) throw notFlink(address);
  throw new FlinkRefusal(address, status, errors.map(String).join('\n'));
}

/** The objects of a list in an answer; an absent list is empty.
 *  @throws ServingError "flink-not-flink" for what is no list: something else answers in JSON */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what each is, only the caller knows
export function listIn<T extends object>(address: HostPort, answer: unknown, name: string): readonly T[] {
  const list = (answer as Readonly<Record<string, unknown>> | undefined)?.[name] ?? [];
  if (!Array.isArray(list)) throw notFlink(address);
  return list.filter((one): one is T => typeof one === 'object' && one !== null && !Array.isArray(one));
}

export function notFlink(address: HostPort): ServingError {
  return new ServingError(
    'flink-not-flink',
    `What answers at ${flinkText(address)} is not the REST interface of Flink. Check flinkRestUrl; its port is rest.port in Flink's config.yaml, 8081 by default.`,
  );
}

/** @param error  what fetch or http threw */
export function unreachable(address: HostPort, error: unknown, timeoutMs: number): ServingError {
  const at = flinkText(address);
  const { code, name } = innermost(error);
  if (code.startsWith('HPE_')) return notFlink(address);
  const why =
    code === 'ECONNREFUSED'
      ? `Nothing listens at ${at}`
      : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
        ? `The host of ${at} is not known`
        : name === 'TimeoutError'
          ? `${at} did not answer within ${timeoutMs / 1000} s`
          : `${at} cannot be reached (${code || name})`;
  return new ServingError(
    'flink-refused',
    `${why}, where flinkRestUrl looks for a Flink cluster. Start the cluster, or correct flinkRestUrl.`,
    { cause: error },
  );
}

/** fetch wraps what the socket said. */
function innermost(error: unknown): { code: string; name: string } {
  let name = '';
  let code = '';
  for (let current = error; current instanceof Error; current = current.cause) {
    name = current.name;
    // Those of aborts are numbers, and say no more than their names.
    const given: unknown = (current as NodeJS.ErrnoException).code;
    if (typeof given === 'string') code = given;
    if (name === 'TimeoutError') break;
  }
  return { code, name };
}

