import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';

/** The loopback addresses that a host name stands for; undefined if it stands for any other address, or for none. On Debian
 *  a machine's own name stands for 127.0.1.1, which is not where a server listens that was given 127.0.0.1. */
export async function loopbackAddresses(host: string): Promise<readonly string[] | undefined> {
  // To connect to "any address" is to connect to this machine.
  if (host === '0.0.0.0' || host === '::') return ['127.0.0.1'];
  try {
    const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
    return addresses.length > 0 && addresses.every(isLoopback) ? addresses : undefined;
  } catch {
    return undefined;
  }
}

/** Where a server listens so that every name that this machine has for itself reaches it, and no other machine does.
 *  As redis.conf writes it: a minus before an address that may be missing. */
export async function bindAddresses(host: string): Promise<readonly string[]> {
  const wanted = (await loopbackAddresses(host)) ?? [];
  const own = (await loopbackAddresses(hostname())) ?? [];
  const named = new Map<string, string>();
  for (const address of own) named.set(address, `-${address}`);
  for (const address of wanted) named.set(address, address);
  named.delete('127.0.0.1');
  named.delete('::1');
  return ['127.0.0.1', '-::1', ...named.values()];
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
