import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './support.ts';

export interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Runs wrk; the body comes from a file so that it may be binary. */
export function load(
  url: string,
  connections: number,
  bodyFile: string,
  seconds: number,
  headers: Record<string, string> = {},
): Load {
  const script = join(mkdtempSync(join(tmpdir(), 'bench-wrk-')), 'post.lua');
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
  writeFileSync(
    script,
    `wrk.method = "POST"\nlocal file = io.open("${bodyFile}", "rb")\nwrk.body = file:read("*a")\nwrk.headers["Content-Type"] = "application/json"\n${lines.join('\n')}
done = function(summary, latency)
  io.write(string.format('RESULT {"requests":%d,"us":%d,"p50":%d,"p99":%d,"errors":%d}\\n', summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status + summary.errors.timeout))
end\n`,
  );
  const { stdout } = spawnSync('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url], {
    encoding: 'utf8',
  });
  const found = /RESULT (.*)/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(stdout);
  const { requests, us, p50, p99, errors } = JSON.parse(found) as Record<
    'requests' | 'us' | 'p50' | 'p99' | 'errors',
    number
  >;
  if (errors > 0) throw new Error(`${url}: ${errors} requests failed`);
  return { perSecond: (requests / us) * 1e6, p50: p50 / 1000, p99: p99 / 1000 };
}

export const text = (load: Load) =>
  `${Math.round(load.perSecond)}/s, p50 ${load.p50.toFixed(2)} ms, p99 ${load.p99.toFixed(1)} ms`;
export const middle = (loads: readonly Load[]): Load => ({
  perSecond: median(loads.map(({ perSecond }) => perSecond)),
  p50: median(loads.map(({ p50 }) => p50)),
  p99: median(loads.map(({ p99 }) => p99)),
});
