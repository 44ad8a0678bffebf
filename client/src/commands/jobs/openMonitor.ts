import type { App, Handler } from '../../app.ts';
import { createMonitorPanel } from '../../pages/monitorPanel.ts';
import { raiseValue } from '../config/raiseValue.ts';

/** Shows the figures of all jobs over time. */
export function openMonitor(app: App): Handler {
  const panel = createMonitorPanel(app, (fix) => void raiseValue(app, fix));
  return () => {
    panel.show();
    return Promise.resolve();
  };
}
