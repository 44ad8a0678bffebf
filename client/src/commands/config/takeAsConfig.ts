import type { Handler } from '../../app.ts';
import { writeModeline } from '../../language/writeModeline.ts';

export function takeAsConfig(): Handler {
  return () => writeModeline('# cluster-serving');
}
