import { isReachable, type KnownFrontend } from '../jobs/http/knownFrontends.ts';
import { isHere } from '../jobs/places.ts';
import type { Row, Translate } from './figures.ts';

/** The row of an HTTP frontend below a job: its id stays the same when one that this window has started appears in Redis. */
export function httpRow(id: string, frontend: KnownFrontend, t: Translate): Row {
  const { url, report } = frontend;
  const elsewhere = report && !isHere(report) ? [t('on {0}', report.host)] : [];
  return {
    id: [id, 'http', ...(elsewhere.length > 0 && report ? [report.host] : []), url].join('/'),
    label: t('HTTP frontend'),
    // The scheme goes without saying; the address is what must not be cut off.
    description: [url.replace(/^http:\/\//, ''), ...elsewhere].join(' · '),
    tooltip: report ? [url, `pid ${report.pid}, ${report.host}`, report.jobNames.join(', ')].join('\n') : url,
    icon: 'globe',
    context: isReachable(frontend) ? 'http here' : 'http elsewhere',
  };
}
