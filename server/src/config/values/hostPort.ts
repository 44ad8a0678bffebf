import type { HostPort } from '../../../../schemas/config/configKey.ts';
import type { ProblemData } from '../../../../schemas/config/problems.ts';
import { refuse, shown, type Reading } from './reading.ts';

/** An address. @see BigDL ClusterServingHelper.scala: the host ends at the first colon, the port starts after the last,
 *  and an address without a colon is refused. */
export function readHostPort(text: string): Reading<HostPort> {
  const [first, last] = [text.indexOf(':'), text.lastIndexOf(':')];
  const host = text.slice(0, Math.max(first, 0)).trim();
  const portText = text.slice(last + 1).trim();
  const port = /^\d{1,9}$/.test(portText) ? Number(portText) : 0;
  const bad = (message: string) => refuse('bad-host-port', message, meantBy(text));
  if (first < 0) return bad(`host:port is wanted here; ${shown(text)} has no colon.`);
  if (host === '') return bad(`host:port is wanted here; ${shown(text)} has no host.`);
  if (/[\s[\]/]/.test(host)) return bad(`${shown(host)} is no name of a host.`);
  if (port < 1 || port > 65_535)
    return bad(`${shown(portText)} is no port: a number from 1 to 65535 is wanted.`);
  const value = { host, port };
  if (first === last) return { value };
  const message = `This is read as port ${port} of the host ${shown(host)}; what stands between is ignored.`;
  return { value, ...refuse('host-port-extra', message, meantBy(text)) };
}

/** The address in a URL, unless it says more than an address can: a user, a password, the number of a database. */
function meantBy(text: string): ProblemData | undefined {
  const [, host = '', port = ''] =
    /^\s*(?:[a-z][a-z0-9+.-]*:\/\/)?([\w.-]+)\s*:\s*(\d{1,5})\s*(?:\/0?)?\s*$/i.exec(text) ?? [];
  const isOne = host !== '' && Number(port) >= 1 && Number(port) <= 65_535;
  return isOne ? { replacement: `${host}:${port}` } : undefined;
}
