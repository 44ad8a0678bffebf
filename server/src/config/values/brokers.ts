import type { HostPort } from '../../../../schemas/config/configKey.ts';
import { kafkaPort } from '../../../../schemas/kafka/kafkaTopics.ts';
import { refuse, shown, type Reading } from './reading.ts';

/** The addresses of brokers, with commas between.
 *  @see Kafka's `bootstrap.servers`, which refuses an address without a port, a list protocol, and an empty list */
export function readBrokers(text: string): Reading<readonly HostPort[]> {
  const parts = text.split(',').map((part) => part.trim());
  const brokers: HostPort[] = [];
  for (const part of parts) {
    const [, host = '', port] = /^([^\s:/[\]]+|\[[\da-f:]+\])(?::(\d{1,9}))?$/i.exec(part) ?? [];
    if (host === '') return refuse('bad-host-port', badPart(part), meantBy(parts));
    if (port !== undefined && !isPort(Number(port)))
      return refuse('bad-host-port', `${shown(port)} is no port: a number from 1 to 65535 is wanted.`);
    if (port === undefined)
      return refuse(
        'bad-host-port',
        `${shown(part)} has no port; Kafka usually listens on ${kafkaPort}.`,
        meantBy(parts),
      );
    brokers.push({ host: host.replace(/^\[|\]$/g, ''), port: Number(port) });
  }
  return { value: brokers };
}

function badPart(part: string): string {
  if (part === '') return 'host:port is wanted here, or several with commas between; one of them is empty.';
  return `host:port is wanted here, or several with commas between; ${shown(part)} is none.`;
}

/** Without what stands before a host in a URL or in the settings of a Kafka listener, and with Kafka's usual port. */
function meantBy(parts: readonly string[]): { replacement: string } | undefined {
  const meant = parts
    .filter((part) => part !== '')
    .map((part) => {
      const [, host = '', port = String(kafkaPort)] =
        /^(?:[a-z][a-z0-9+._-]*:\/\/)?([\w.-]+)\s*(?::\s*(\d{1,5})?)?\s*\/?$/i.exec(part) ?? [];
      return host !== '' && isPort(Number(port)) ? `${host}:${port}` : '';
    });
  return meant.length > 0 && !meant.includes('') ? { replacement: meant.join(',') } : undefined;
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
