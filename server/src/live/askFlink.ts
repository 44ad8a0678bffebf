import type { HostPort } from '../../../schemas/config/configKey.ts';
import type { FlinkOverview } from '../language/live.ts';

/** The overview of a Flink cluster: undefined where it has not answered by the time of the signal, null where nothing
 *  or something else answers.
 *  @see Flink's REST interface, GET /overview */
export async function askFlink(
  { host, port }: HostPort,
  signal: AbortSignal,
): Promise<FlinkOverview | null | undefined> {
  try {
    const response = await fetch(`http://${host}:${port}/overview`, { signal, redirect: 'manual' });
    const overview = (await response.json()) as Readonly<Record<string, unknown>> | null;
    const number = (name: string) => (typeof overview?.[name] === 'number' ? overview[name] : undefined);
    const [slots, freeSlots, jobs] = [
      number('slots-total'),
      number('slots-available'),
      number('jobs-running'),
    ];
    return slots === undefined || freeSlots === undefined || jobs === undefined
      ? null
      : { slots, freeSlots, jobs };
  } catch {
    // Whatever went wrong, the list does without; the start command reports it.
    return signal.aborted ? undefined : null;
  }
}
