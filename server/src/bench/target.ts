import type { Ask } from './measureStep.ts';

/** What is put under load. */
export interface Target {
  readonly ask: Ask;
  /** How large a request is, without what the protocol adds. */
  readonly bytes: number;
  close(): Promise<void>;
}
