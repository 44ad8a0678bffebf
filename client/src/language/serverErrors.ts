import type { ErrorHandler } from 'vscode-languageclient';

/**
 * Starts a server again that has ended, however much was sent to it meanwhile. The handler of the
 * library stops the client for good at the fourth message that does not arrive, and a server that
 * dies while a person types is sent more than that before its end is noticed.
 * @param byDefault  the library's handler, which also knows when a server has crashed too often
 */
export function restartsOnly(byDefault: () => ErrorHandler): ErrorHandler {
  let made: ErrorHandler | undefined;
  const library = () => (made ??= byDefault());
  return {
    async error(error, message) {
      // Each counts as the first, after which the client goes on.
      const { action } = await library().error(error, message, 1);
      return { action, message: `The language server cannot be reached: ${error.message}`, handled: true };
    },
    closed: () => library().closed(),
  };
}
