import { timingHeader, type TryModel } from '../../schemas/pages.ts';
import type { KeyedFetch } from '../design/keyedFetch.ts';
import type { Sent, TryHost } from './host.ts';
import { readAnswer } from './outcome.ts';
import { readServerTiming, withRest } from './waterfall.ts';

/** The way of a page in a browser: requests to its own server. */
export function createHttpHost(ask: KeyedFetch): TryHost {
  return {
    async ask(model, sent, signal) {
      const names = model.outputs.map(({ name }) => name);
      const began = performance.now();
      try {
        const response = await ask(pathOf(model, sent), {
          method: 'POST',
          body: sent.kind === 'image' ? sent.bytes : sent.text,
          headers: {
            'content-type': sent.kind === 'image' ? sent.type : 'application/json',
            [timingHeader]: '1',
          },
          signal,
        });
        const text = await response.text();
        const totalMs = performance.now() - began;
        const parts = withRest(totalMs, readServerTiming(response.headers.get('server-timing')), 'network');
        return { outcomes: readAnswer(response.status, text, names), totalMs, parts };
      } catch (error) {
        const totalMs = performance.now() - began;
        return { outcomes: [{ error: errorText(error) }], totalMs, parts: [] };
      }
    },
    url: ({ path }) => `${location.origin}${path}`,
    hasKey: () => ask.hasKey(),
  };
}

function pathOf({ path }: TryModel, sent: Sent): string {
  return sent.kind === 'image' && sent.input !== undefined
    ? `${path}?input=${encodeURIComponent(sent.input)}`
    : path;
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
