import { ServingError, type ErrorCode } from '../../../schemas/errors.ts';

/** What went wrong with the store of a queue, as a sentence. It holds nothing of the request that failed, payloads least of all. */
export class StoreTrouble extends ServingError {
  /** The store's own word for its error, for example NOGROUP; undefined when the connection is what failed. */
  readonly reply: string | undefined;
  /** The store was reached, and a request failed; false when no connection could be made. */
  readonly wasConnected: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    { reply, wasConnected = false }: { readonly reply?: string; readonly wasConnected?: boolean } = {},
  ) {
    super(code, message);
    this.reply = reply;
    this.wasConnected = wasConnected;
  }
}
