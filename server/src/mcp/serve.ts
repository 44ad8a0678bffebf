import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createServer, type McpOptions } from './createServer.ts';

/** Serves an agent over the standard input and output until the client goes or the signal comes. A start that is under way
 *  then is taken back.
 *  @param stop  aborted when the program is to end */
export async function serve(options: McpOptions, stop: AbortSignal): Promise<void> {
  const { server, settled } = createServer(options);
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
  });
  const close = () => void server.close();
  await server.connect(new StdioServerTransport());
  // The transport does not watch for the end of its input.
  process.stdin.once('end', close);
  stop.addEventListener('abort', close, { once: true });
  if (stop.aborted) close();
  await closed;
  await settled();
}
