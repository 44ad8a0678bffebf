import type { FrontendReport } from '../../../../schemas/jobEvents.ts';
import type { HttpFrontend } from './httpFrontends.ts';
import { isHere } from '../places.ts';

/** An HTTP frontend as rows and commands need it. */
export interface KnownFrontend {
  readonly url: string;
  /** Absent while Redis has not told of it: then it is one that this window has just started. */
  readonly report?: FrontendReport;
  /** The config of one that this window has started. */
  readonly ownConfig?: string;
}

/** Those that Redis tells of, and those of this window that it does not tell of yet. */
export function knownFrontends(
  reports: readonly FrontendReport[],
  own: readonly HttpFrontend[],
): readonly KnownFrontend[] {
  const ours = (report: FrontendReport) =>
    isHere(report) ? own.find(({ url }) => url === report.url)?.configPath : undefined;
  const told = reports.map((report) => {
    const ownConfig = ours(report);
    return { url: report.url, report, ...(ownConfig === undefined ? {} : { ownConfig }) };
  });
  const untold = own.filter(({ configPath }) => told.every(({ ownConfig }) => ownConfig !== configPath));
  return [...told, ...untold.map(({ url, configPath }) => ({ url, ownConfig: configPath }))];
}

/** Those through which a job can be asked. */
export function frontendsOf(
  { redis, jobName, configPath }: JobPlace,
  frontends: readonly KnownFrontend[],
): readonly KnownFrontend[] {
  return frontends.filter(({ report, ownConfig }) =>
    report
      ? report.redis === redis && report.jobNames.includes(jobName)
      : ownConfig !== undefined && ownConfig === configPath,
  );
}

interface JobPlace {
  readonly redis: string;
  readonly jobName: string;
  readonly configPath?: string;
}

/** Whether its address means the same here: that of a loopback is for its own machine only. */
export function isReachable({ url, report }: KnownFrontend): boolean {
  return !report || isHere(report) || !/^https?:\/\/(127\.|localhost[:/]|\[::1\])/.test(url);
}
