import { ErrorCodes, ResponseError, type Connection, type Message } from 'vscode-languageserver';
import { withWholePositions, withWholeTexts } from './wholePositions.ts';

/** What a request becomes that comes at the wrong time, so that it is answered as every other. */
const refusedRequest = 'clusterServing/refused';

interface Refusal {
  readonly code: number;
  readonly message: string;
}

interface Incoming extends Message {
  readonly method?: string;
  readonly id?: unknown;
  readonly params?: unknown;
}

/** Answers what comes before `initialize`, again, or after `shutdown` as the protocol says: requests by errors,
 *  notifications not at all. The library leaves that to its users. */
export function createLifecycle(): {
  handleMessage(message: Message, next: (message: Message) => void): void;
} {
  let state: 'new' | 'running' | 'shut down' = 'new';

  function refusalOf(method: string): Refusal | undefined {
    if (state === 'shut down')
      return {
        code: ErrorCodes.InvalidRequest,
        message: 'The server has been shut down; only exit may follow.',
      };
    if (method === 'initialize')
      return state === 'new'
        ? undefined
        : { code: ErrorCodes.InvalidRequest, message: 'initialize may be sent once only.' };
    return state === 'new'
      ? { code: ErrorCodes.ServerNotInitialized, message: 'The first request must be initialize.' }
      : undefined;
  }

  return {
    handleMessage(message, next) {
      const { method, id, params } = message as Incoming;
      // Answers to what the server asks have no method.
      if (method === undefined || method === 'exit' || method.startsWith('$/')) {
        next(message);
        return;
      }
      const refusal = refusalOf(method);
      if (refusal) {
        if (id !== undefined) next({ ...message, method: refusedRequest, params: refusal } as Message);
        return;
      }
      if (method === 'initialize') state = 'running';
      if (method === 'shutdown') state = 'shut down';
      const sound = id === undefined ? withWholeTexts(params) : withWholePositions(params);
      next({ ...message, params: withNothingMissing(method, sound) } as Message);
    },
  };
}

/** Some clients send null for parameters that are empty, and leave out capabilities where they have none. */
function withNothingMissing(method: string, params: unknown): unknown {
  if (method === 'shutdown') return undefined;
  if (method !== 'initialize') return params ?? {};
  const { capabilities, ...rest } = (params ?? {}) as { readonly capabilities?: unknown };
  return { ...rest, capabilities: capabilities ?? {} };
}

export function answerRefusals(connection: Connection): void {
  connection.onRequest(
    refusedRequest,
    ({ code, message }: Refusal) => new ResponseError<never>(code, message),
  );
}
