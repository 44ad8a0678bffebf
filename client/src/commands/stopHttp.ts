import type { App, Handler } from '../app.ts';
import { pickHttp } from './pickHttp.ts';

export function stopHttp(app: App): Handler {
  return async (argument) => {
    const frontend = await pickHttp(app, argument);
    if (frontend) await app.http.stop(frontend.configPath);
  };
}
