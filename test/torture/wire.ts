import { connect, createServer, type Socket } from 'node:net';
import { scripts } from '../../server/src/queue/scripts/scripts.ts';

/** How far a worker has come with its records, as it shows on its connections to Redis:
 *  taken: Redis has given it records; decoded: it says what its model has; inferred: it sends results, which Redis does not
 *  get; written: Redis has the results, and the worker does not know. */
export const steps = ['taken', 'decoded', 'inferred', 'written'] as const;
export type Step = (typeof steps)[number];

/** The network between one program and Redis. */
export interface Wire {
  readonly port: number;
  /** Calls once when the program comes to this step next. What it has sent, or was to get, arrives as `Step` says.
   *  @param callback  undefined: no more */
  at(step: Step, callback: (() => void) | undefined): void;
  /** Bytes are swallowed in both directions; connections stay open. */
  blackHole(on: boolean): void;
  /** Cuts every connection. */
  reset(): void;
  close(): Promise<void>;
}

/** A program's own way to Redis, so that it can be seen where the program is, without a hook in the program. */
export async function openWire(targetPort: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let swallow = false;
  let watched: { readonly step: Step; readonly callback: () => void } | undefined;

  /** @returns whether the bytes go on their way */
  function reached(step: Step, deliver: () => void): boolean {
    if (watched?.step !== step) return true;
    const { callback } = watched;
    watched = undefined;
    const arrives = step === 'taken' || step === 'decoded';
    if (arrives) deliver();
    callback();
    return false;
  }

  const server = createServer((inner) => {
    const outer = connect(targetPort, '127.0.0.1');
    let waitsFor: 'records' | 'results' | undefined;
    inner.on('data', (chunk) => {
      if (swallow) return;
      const deliver = () => void outer.write(chunk);
      const asked = requestOf(chunk);
      if (asked === 'take') waitsFor = 'records';
      else if (asked === 'finish') waitsFor = 'results';
      const step = asked === 'finish' ? 'inferred' : asked === 'note' ? 'decoded' : undefined;
      if (!step || reached(step, deliver)) deliver();
    });
    outer.on('data', (chunk) => {
      if (swallow) return;
      const deliver = () => void inner.write(chunk);
      const step = waitsFor === 'results' ? 'written' : waitsFor && hasRecords(chunk) ? 'taken' : undefined;
      waitsFor = undefined;
      if (!step || reached(step, deliver)) deliver();
    });
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const reset = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    at(step, callback) {
      watched = callback && { step, callback };
    },
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

/** What a program asks of Redis with these bytes, as far as it is a step of a record. */
function requestOf(chunk: Buffer): 'take' | 'finish' | 'note' | undefined {
  if (chunk.includes(scripts.finish.sha)) return 'finish';
  if (chunk.includes('XREADGROUP')) return 'take';
  // A note of no records is the one that a worker begins with.
  if (chunk.includes(scripts.noteRunning.sha) && !chunk.subarray(-6).equals(Buffer.from('$0\r\n\r\n')))
    return 'note';
  return undefined;
}

/** A reply with entries is a list; without any it is nil. */
function hasRecords(chunk: Buffer): boolean {
  return chunk.subarray(0, 3).toString() === '*1\r';
}
