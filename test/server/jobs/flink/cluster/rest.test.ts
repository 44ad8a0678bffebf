import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServingError } from '../../../../../schemas/errors.ts';
import { cancelJob, readJob, readLastFailure } from '../../../../../server/src/jobs/flink/flinkJobs.ts';
import { findUpload, upload } from '../../../../../server/src/jobs/flink/submit/jars.ts';
import { callFlink } from '../../../../../server/src/jobs/flink/cluster/rest.ts';

let server: Server;
let answer: RequestListener;
const address = () => ({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const says = (status: number, body: unknown): RequestListener => (request, response) => {
  request.resume();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const refused = says(404, { errors: ['Job could not be found'] });

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ServingError) return error.code;
    throw error;
  }
  return 'none';
}

describe('a call', () => {
  test('that Flink refuses carries its words', async () => {
    answer = says(400, { errors: ['org.apache.flink.X: no\n\tat a.b'] });
    await expect(callFlink(address(), '/jars/x/run', { method: 'POST', body: {} })).rejects.toMatchObject({
      code: 'flink-failed',
      status: 400,
      answer: 'org.apache.flink.X: no\n\tat a.b',
    });
  });

  test('that is not answered in time is flink-refused', async () => {
    answer = () => undefined;
    expect(await codeOf(callFlink(address(), '/overview', { timeoutMs: 50 }))).toBe('flink-refused');
  });

  test('to a host that does not exist is flink-refused', async () => {
    const nowhere = { host: 'no-such-host.invalid', port: 8081 };
    expect(await codeOf(callFlink(nowhere, '/overview'))).toBe('flink-refused');
  });

  test('to what speaks no HTTP is flink-not-flink', async () => {
    const other = createTcpServer((socket) => socket.end('-ERR unknown command\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()));
    const { port } = other.address() as AddressInfo;
    expect(await codeOf(callFlink({ host: '127.0.0.1', port }, '/overview'))).toBe('flink-not-flink');
    other.close();
  });
});

describe('a job that the cluster does not know', () => {
  test('is undefined, has no failure, and is no error to cancel', async () => {
    answer = refused;
    expect(await readJob(address(), 'a')).toBeUndefined();
    expect(await readLastFailure(address(), 'a')).toBeUndefined();
    await cancelJob(address(), 'a');
  });
});

describe('a job', () => {
  test.each([
    [['RUNNING', 'RUNNING'], true],
    [['RUNNING', 'INITIALIZING'], false],
    [[], false],
  ])('whose tasks are %j runs as a whole: %s', async (statuses, allRun) => {
    const vertices = statuses.map((status, i) => ({ id: String(i), status }));
    answer = says(200, { state: 'RUNNING', 'start-time': 7, vertices });
    expect(await readJob(address(), 'a')).toMatchObject({ state: 'RUNNING', startedAt: 7, allRun });
  });

  test('in a state that is not known is unknown', async () => {
    answer = says(200, { state: 'DREAMING', 'start-time': 0 });
    expect((await readJob(address(), 'a'))?.state).toBe('unknown');
  });

  test('reports its newest failure, in the form of newer and of older Flinks', async () => {
    answer = says(200, { exceptionHistory: { entries: [{ stacktrace: 'new' }] }, 'root-exception': 'old' });
    expect(await readLastFailure(address(), 'a')).toBe('new');
    answer = says(200, { exceptionHistory: { entries: [] }, 'root-exception': 'old' });
    expect(await readLastFailure(address(), 'a')).toBe('old');
    answer = says(200, { exceptionHistory: { entries: [] }, 'root-exception': null });
    expect(await readLastFailure(address(), 'a')).toBeUndefined();
  });
});

describe('an upload', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'upload-'));
    file = join(folder, 'a.jar');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('sends the file byte for byte and gives its id', async () => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 256));
    writeFileSync(file, bytes);
    let received = Buffer.alloc(0);
    answer = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received = Buffer.concat(chunks);
        says(200, { filename: '/tmp/flink/1234_b.jar', status: 'success' })(request, response);
      });
    };
    expect(await upload(address(), file, 'b.jar')).toBe('1234_b.jar');
    expect(received.includes(bytes)).toBe(true);
    expect(received.subarray(0, 200).toString()).toContain('filename="b.jar"');
  });

  test('that a cluster does not take is flink-jar-refused', async () => {
    writeFileSync(file, Buffer.alloc(5_000_000));
    answer = refused;
    expect(await codeOf(upload(address(), file, 'b.jar'))).toBe('flink-jar-refused');
    expect(await codeOf(findUpload(address(), 'b.jar'))).toBe('flink-jar-refused');
  });

  test('to a port where nothing listens is flink-refused', async () => {
    writeFileSync(file, 'x');
    const gone = address();
    await new Promise((resolve) => server.close(resolve));
    expect(await codeOf(upload(gone, file, 'b.jar'))).toBe('flink-refused');
    server.listen(0);
  });

  test('is found again by its name', async () => {
    answer = says(200, { files: [{ id: '1_a.jar', name: 'a.jar' }, { id: '2_b.jar', name: 'b.jar' }] });
    expect(await findUpload(address(), 'b.jar')).toBe('2_b.jar');
    expect(await findUpload(address(), 'c.jar')).toBeUndefined();
  });
});
