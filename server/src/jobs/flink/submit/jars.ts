import { createReadStream, statSync } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { HostPort } from '../../../../../schemas/config/configKey.ts';
import { ServingError } from '../../../../../schemas/errors.ts';
import { callFlink, FlinkRefusal, listIn, readAnswer, runMs, unreachable } from '../cluster/rest.ts';

const uploadIdleMs = 30_000;

/** The cluster's id of an uploaded file of this name; undefined if there is none. */
export async function findUpload(
  address: HostPort,
  name: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const answer = await refusedAsJar(callFlink(address, '/jars', { signal }));
  return listIn<{ id: string; name: string }>(address, answer, 'files').find((file) => file.name === name)?.id;
}

/** Sends a file to the cluster under a name that ends in `.jar`, in a stream: models may be larger than the memory.
 *  @returns the cluster's id of it */
export async function upload(
  address: HostPort,
  file: string,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  const boundary = 'cluster-serving-upload';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="jarfile"; filename="${name}"\r\nContent-Type: application/java-archive\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const post = request({
    host: address.host,
    port: address.port,
    method: 'POST',
    path: '/jars/upload',
    ...(signal ? { signal } : {}),
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': head.length + statSync(file).size + tail.length,
    },
  });
  post.setTimeout(uploadIdleMs, () => post.destroy(new DOMException('', 'TimeoutError')));
  const answered = new Promise<{ status: number; text: string }>((resolve, reject) => {
    post.once('error', reject);
    post.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
  });
  const sent = pipeline(async function* () {
    yield head;
    yield* createReadStream(file);
    yield tail;
  }, post);
  try {
    // A cluster that refuses may answer before everything is sent, and close.
    const { status, text } = await Promise.race([answered, sent.then(() => answered)]);
    const { filename } = (await refusedAsJar(
      Promise.resolve().then(() => readAnswer(address, status, text)),
    )) as { filename?: string };
    return (filename ?? '').slice((filename ?? '').lastIndexOf('/') + 1);
  } catch (error) {
    if (error instanceof ServingError) throw error;
    throw unreachable(address, error, uploadIdleMs);
  }
}

/** Removes an uploaded file; one that is not there is no error. */
export async function removeUpload(address: HostPort, id: string): Promise<void> {
  try {
    await callFlink(address, `/jars/${id}`, { method: 'DELETE' });
  } catch (error) {
    if (!(error instanceof FlinkRefusal)) throw error;
  }
}

export interface RunRequest {
  readonly uploadId: string;
  /** Chosen by us, so that a submission whose answer is lost can be taken back. */
  readonly jobId: string;
  readonly jobName: string;
  readonly entryClass: string;
  readonly parallelism: number;
  readonly args: readonly string[];
  readonly signal?: AbortSignal;
}

/** Runs a jar's main on the cluster, which submits the job.
 *  @throws FlinkRefusal with the trace of what main threw */
export async function runJar(address: HostPort, run: RunRequest): Promise<void> {
  await callFlink(address, `/jars/${run.uploadId}/run`, {
    method: 'POST',
    timeoutMs: runMs,
    signal: run.signal,
    body: {
      entryClass: run.entryClass,
      programArgsList: run.args,
      parallelism: run.parallelism,
      jobId: run.jobId,
      flinkConfiguration: { 'pipeline.name': run.jobName },
    },
  });
}

async function refusedAsJar(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof FlinkRefusal)) throw error;
    const hint =
      error.status === 404 || error.status === 405
        ? ' Set web.submit.enable to true in its configuration, as it is by default.'
        : '';
    throw new ServingError(
      'flink-jar-refused',
      `The Flink cluster does not take jars over REST: ${error.message}${hint}`,
      { cause: error },
    );
  }
}
