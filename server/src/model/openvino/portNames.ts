import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import type { Port } from './library.ts';

/** What OpenVINO says of an input or output, with the place that it has there. */
export interface NamedPort {
  readonly index: number;
  readonly name: string;
  /** Other names under which clients may send it. */
  readonly aliases: readonly string[];
  readonly port: Port;
}

/** TensorFlow Lite names a signature's inputs so. */
const servingPrefix = 'serving_default_';

/** Names for the ports of a model. TensorFlow's tensors are `image:0` or `serving_default_image:0` in the file, and `image`
 *  for the people who made it: all are taken, and the plainest is shown that no two ports have. */
export function namePorts(ports: readonly Port[], kind: 'input' | 'output'): readonly NamedPort[] {
  const full = ports.map(({ name }, i) => name ?? `${kind}_${i}`);
  const short = full.map((name) => name.replace(/:0$/, ''));
  const isOnly = (names: readonly string[], name: string) =>
    names.filter((other) => other === name).length === 1;
  const bare = short.map((name) => name.replace(servingPrefix, ''));
  return ports.map((port, index) => {
    const names = [
      ...[bare, short].flatMap((all) => {
        const name = all[index] as string;
        return isOnly(all, name) ? [name] : [];
      }),
      full[index] as string,
    ];
    const [name = '', ...aliases] = new Set(names);
    return { index, name, aliases, port };
  });
}

/** Whether a port is called by a name. */
export function isCalled({ name, aliases }: Pick<NamedPort, 'name' | 'aliases'>, wanted: string): boolean {
  return name === wanted || aliases.includes(wanted) || aliases.includes(`${wanted}:0`);
}

/** What of a port workers report. */
export function infoOf(
  { name, aliases, port: { shape } }: NamedPort,
  type: string,
  images: 'hwc' | undefined,
): TensorInfo {
  return {
    name,
    type,
    shape: shape ?? [],
    ...(aliases.length > 0 ? { aliases } : {}),
    ...(shape === undefined ? { openRank: true } : shape.length === 0 ? { openRank: false } : {}),
    ...(images !== undefined && shape?.length === 4 ? { layout: images } : {}),
  };
}
