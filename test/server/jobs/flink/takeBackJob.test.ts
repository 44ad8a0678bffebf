import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeBackJob } from '../../../../server/src/jobs/flink/stopFlinkJobs.ts';

let server: Server;
let refusals: number;
let isCancelled: boolean;
const address = () => ({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });

/** A cluster that runs one job, and is too busy to cancel it at once. */
beforeEach(async () => {
  isCancelled = false;
  server = createServer((request, response) => {
    request.resume();
    const refuses = request.method === 'PATCH' && refusals-- > 0;
    if (request.method === 'PATCH' && !refuses) isCancelled = true;
    const body = refuses
      ? { errors: ['java.util.concurrent.TimeoutException: Invocation of cancel timed out'] }
      : { state: isCancelled ? 'CANCELED' : 'RUNNING', 'start-time': 1, vertices: [] };
    response.writeHead(refuses ? 500 : 200).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a job is taken back from a cluster that refuses to cancel it at first', async () => {
  refusals = 2;
  await takeBackJob(address(), 'f'.repeat(32), 'job');
  expect(isCancelled).toBe(true);
});
