import type { HostPort } from './configKey.ts';

/** An address as it is written: an IPv6 address stands in brackets. */
export function hostPortText({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
