import type { TryModel } from '../../schemas/pages.ts';
import type { Outcome } from './outcome.ts';
import type { RequestPart, TimePart } from './waterfall.ts';

/** What is sent to a model. */
export type Sent =
  | {
      readonly kind: 'image';
      readonly name: string;
      /** Such as `image/png`. */
      readonly type: string;
      readonly bytes: Uint8Array<ArrayBuffer>;
      /** The model's input that it goes to; absent: its only one. */
      readonly input?: string;
    }
  /** `{"instances": [...]}` */
  | { readonly kind: 'json'; readonly text: string };

export interface Reply {
  /** One for each record; one alone where all failed together. */
  readonly outcomes: readonly Outcome[];
  readonly totalMs: number;
  readonly parts: readonly TimePart<RequestPart>[];
}

/** The way from the page to the models, which a browser and the editor have each their own of. */
export interface TryHost {
  /** Asks, and never throws: what went wrong is the outcome. */
  ask(model: TryModel, sent: Sent, signal: AbortSignal): Promise<Reply>;
  /** Where a model's predictions are asked for over HTTP. */
  url(model: TryModel): string;
  /** Whether requests over HTTP carry a key. */
  hasKey(): boolean;
}
