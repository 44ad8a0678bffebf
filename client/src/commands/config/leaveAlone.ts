import type { Handler } from '../../app.ts';
import { writeModeline } from '../../language/writeModeline.ts';

export function leaveAlone(): Handler {
  return () => writeModeline('# cluster-serving: off');
}
