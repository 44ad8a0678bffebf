import type { App, Handler } from '../../app.ts';
import { redisOf } from '../../jobs/places.ts';
import { createTryPanels } from '../../pages/tryPanels.ts';
import { refreshJobs, targetConfig } from '../target.ts';

/** Opens the page on which a job is tried with images and JSON. */
export function openTry(app: App): Handler {
  const panels = createTryPanels(app);
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (!target) return;
    const config = (await app.configs.all()).find(({ path }) => path === target.configPath);
    panels.show({ ...target, ...(config ? { redis: redisOf(config) } : {}) });
    // While the list of jobs is hidden, nothing is known of them.
    await refreshJobs(app).catch((error: unknown) => app.log.warn(String(error)));
  };
}
