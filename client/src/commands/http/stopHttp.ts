import { ProgressLocation, l10n, window } from 'vscode';
import type { FrontendReport } from '../../../../schemas/jobEvents.ts';
import type { App, Handler } from '../../app.ts';
import { redisOf } from '../../jobs/places.ts';
import { pickHttp } from './pickHttp.ts';
import { reportError } from '../report.ts';

/** Ends an HTTP frontend: one of this window as a child process, any other, on any machine, by a stop key in Redis. */
export function stopHttp(app: App): Handler {
  return async (argument) => {
    const frontend = await pickHttp(app, argument);
    if (!frontend) return;
    const { startedWith, report } = frontend;
    try {
      await window.withProgress(
        {
          location: ProgressLocation.Notification,
          title: l10n.t('Stopping the HTTP frontend {0}', frontend.url),
        },
        async () => {
          if (startedWith !== undefined) await app.http.stop(startedWith);
          else if (report) await stopOther(app, report);
        },
      );
      if (report) forget(app, report);
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}

async function stopOther(app: App, { frontendId, redis }: FrontendReport): Promise<void> {
  const config = app.configs.known().find((one) => redisOf(one) === redis);
  await app.cli.run(['stop', '--http', frontendId, '--json', ...(config ? ['-c', config.path] : [])]);
}

/** While the jobs view is hidden, nothing watches, and nothing else would report that it has gone. */
function forget(app: App, { frontendId, redis }: FrontendReport): void {
  const frontends = app.store
    .frontends()
    .filter((one) => one.redis === redis && one.frontendId !== frontendId);
  app.store.apply({ event: 'frontends', at: Date.now(), redis, frontends });
}
