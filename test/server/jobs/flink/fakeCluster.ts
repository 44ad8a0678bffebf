import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HostPort } from '../../../../schemas/config/configKey.ts';

/** What a cluster answers: a status and JSON, or a text that is none. */
export interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

/** The REST interface of a Flink cluster, as a test says it answers. */
export interface FakeCluster {
  readonly address: HostPort;
  /** host:port */
  readonly place: string;
  /** Each call so far, as `GET /path`. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

/** @param answer  called for each request, in the order in which they come */
export async function startFakeCluster(
  answer: (path: string, request: IncomingMessage) => Answer | Promise<Answer>,
): Promise<FakeCluster> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    request.resume();
    const path = request.url ?? '';
    calls.push(`${request.method ?? ''} ${path}`);
    void Promise.resolve(answer(path, request)).then(({ status = 200, body }) => {
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: '127.0.0.1', port },
    place: `127.0.0.1:${port}`,
    calls,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What Flink answers for a job that it does not know. */
export const unknownJob: Answer = { status: 404, body: { errors: ['Job could not be found'] } };
