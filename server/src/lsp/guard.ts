import { LSPErrorCodes, ResponseError, type CancellationToken } from 'vscode-languageserver';

export type Log = (message: string) => void;

/** Makes a handler that always answers: a cancelled request as cancelled, and a failed one with an empty answer and a line
 *  in the log. An editor must not lose its language server over one request. */
export function guarded<Params, Result>(
  name: string,
  log: Log,
  empty: Result,
  work: (params: Params, token: CancellationToken) => Promise<Result> | Result,
): (params: Params, token: CancellationToken) => Promise<Result | ResponseError<never>> {
  return async (params, token) => {
    const cancelled = () => new ResponseError<never>(LSPErrorCodes.RequestCancelled, `${name} was cancelled`);
    const isCancelled = () => token.isCancellationRequested;
    if (isCancelled()) return cancelled();
    try {
      const result = await work(params, token);
      return isCancelled() ? cancelled() : result;
    } catch (error) {
      log(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return empty;
    }
  };
}
