import { readFile } from 'node:fs/promises';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { HostPort } from '../../../schemas/config/configKey.ts';

/* Asks a server once, without the client library that would be larger than all else. */

/** Certificates that count beside those of Node.js. */
export interface Trusted {
  readonly ca?: string;
}

/** @returns null where a trust store cannot be read here: PKCS#12 takes a library that would be a third of the program */
export async function trustedBy(trustStore: string | undefined): Promise<Trusted | null> {
  if (trustStore === undefined) return {};
  const ca = await readFile(trustStore, 'latin1').catch(() => '');
  return ca.includes('-----BEGIN CERTIFICATE') ? { ca } : null;
}

export interface ConnectOptions {
  readonly isSecure: boolean;
  readonly trusted: Trusted;
  /** Ends the connection, whatever it is used for then. */
  readonly signal: AbortSignal;
}

/** Connects, and closes the connection when it has been used. @throws what `use` throws */
export async function connected<T>(
  { host, port }: HostPort,
  { isSecure, trusted, signal }: ConnectOptions,
  use: (socket: Socket) => Promise<T>,
): Promise<T> {
  const socket = isSecure
    ? connectSecure({ host, port, ...(isIP(host) ? {} : { servername: host }), ...trusted })
    : connectPlain({ host, port });
  const close = () => socket.destroy(new Error('not in time'));
  signal.addEventListener('abort', close);
  try {
    return await use(socket);
  } finally {
    signal.removeEventListener('abort', close);
    socket.destroy();
  }
}

/** Sends a request, and waits for what answers it.
 *  @param read  takes what comes, piece by piece; undefined until the answer is whole
 *  @throws Error for a lost connection, and what `read` throws */
export function ask<T>(
  socket: Socket,
  request: Buffer | string,
  read: (chunk: Buffer) => { readonly answer: T } | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      socket.off('data', onData).off('error', onEnd).off('close', onEnd);
      // A late error must not end the process.
      socket.on('error', () => undefined);
      settle();
    };
    const onEnd = (error?: unknown) =>
      end(() => reject(error instanceof Error ? error : new Error('the connection is closed')));
    const onData = (chunk: Buffer) => {
      try {
        const found = read(chunk);
        if (found) end(() => resolve(found.answer));
      } catch (error) {
        onEnd(error);
      }
    };
    socket.on('data', onData).on('error', onEnd).on('close', onEnd);
    socket.write(request);
  });
}
