import type { Translate } from '../../../client/src/views/figures.ts';

/** English, as it is written. */
export const english: Translate = (message, ...args) =>
  message.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));
