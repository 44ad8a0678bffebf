import type { FrontendReport } from '../../../../schemas/jobEvents.ts';
import type { HttpFrontend } from './httpFrontends.ts';
import { isHere } from '../places.ts';

/** An HTTP frontend as rows and commands need it. */
export interface KnownFrontend {
  readonly url: string;
  /** Absent while it is not in Redis: then this window has just started it. */
  readonly report?: FrontendReport;
  /** The config of one that this window has started. */
  readonly startedWith?: string;
}

/** The frontends in Redis, and those of this window that are not there yet. */
export function knownFrontends(
  reports: readonly FrontendReport[],
  own: readonly HttpFrontend[],
): readonly KnownFrontend[] {
  const configOf = (report: FrontendReport) =>
    isHere(report) ? own.find(({ url }) => url === report.url)?.configPath : undefined;
  const listed = reports.map((report) => {
    const startedWith = configOf(report);
    return { url: report.url, report, ...(startedWith === undefined ? {} : { startedWith }) };
  });
  const unlisted = own.filter(({ configPath }) =>
    listed.every(({ startedWith }) => startedWith !== configPath),
  );
  return [...listed, ...unlisted.map(({ url, configPath }) => ({ url, startedWith: configPath }))];
}

/** Those through which a job can be asked. */
export function frontendsOf(
  { redis, jobName, configPath }: JobAddress,
  frontends: readonly KnownFrontend[],
): readonly KnownFrontend[] {
  return frontends.filter(({ report, startedWith }) =>
    report
      ? report.redis === redis && report.jobNames.includes(jobName)
      : startedWith !== undefined && startedWith === configPath,
  );
}

interface JobAddress {
  readonly redis: string;
  readonly jobName: string;
  readonly configPath?: string;
}

/** Whether its address means the same here: that of a loopback is for its own machine only. */
export function isReachable({ url, report }: KnownFrontend): boolean {
  return !report || isHere(report) || !/^https?:\/\/(127\.|localhost[:/]|\[::1\])/.test(url);
}
