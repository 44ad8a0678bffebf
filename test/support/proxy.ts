import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that can go bad in the ways a network does. */
export interface Proxy {
  readonly port: number;
  /** Bytes are swallowed in both directions; connections stay open. */
  blackHole(on: boolean): void;
  /** Cuts every connection. */
  reset(): void;
  close(): Promise<void>;
}

export async function startProxy(targetPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let swallow = false;
  const server = createServer((inner) => {
    const outer = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        if (!swallow) to.write(chunk);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const reset = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    blackHole(on) {
      swallow = on;
    },
    reset,
    async close() {
      reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
