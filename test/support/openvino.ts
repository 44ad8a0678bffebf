import { join } from 'node:path';
import { findOpenvino } from '../../server/src/model/openvino/findOpenvino.ts';

/** The state folder that scripts/machine/setup.mjs has installed OpenVINO into. */
export const openvinoState = join(import.meta.dirname, '../../.cache/openvino');

/** OpenVINO's library. @throws where it was not set up */
export function openvinoLibrary(): string {
  const installedIn = join(openvinoState, 'runtimes');
  const found = findOpenvino({ configured: undefined, env: {}, installedIn });
  if (!found)
    throw new Error('OpenVINO is not set up for the tests: run "npm test" once, which installs it.');
  return found.place;
}
