import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type Tool as ListedTool,
} from '@modelcontextprotocol/sdk/types.js';
import { dataNotice, mcpTools, type McpTool, type McpToolName } from '../../../schemas/programs/mcpTools.ts';
import { callTool } from './callTool.ts';
import { tools } from './tools/tools.ts';

export interface McpOptions {
  readonly version: string;
  /** Where the bundles are. */
  readonly programFolder: string;
  /** Takes the stacks of bugs. */
  readonly log: (text: string) => void;
}

export interface ToolServer {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- as below
  readonly server: Server;
  /** Settles when every call that was begun has ended. */
  readonly settled: () => Promise<void>;
}

const instructions = [
  'Cluster Serving runs models behind a Redis stream. A config.yaml describes a job; lint_config and doctor show what keeps it from starting.',
  'Every tool takes the path of a config, relative to the working folder of this server; without one it is ./config.yaml.',
  dataNotice,
].join(' ');

/** The server of the Model Context Protocol, not yet connected. The SDK's McpServer would answer wrong arguments with the
 *  words of its schema library, and doubles the size of the program. */
export function createServer({ version, programFolder, log }: McpOptions): ToolServer {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the SDK keeps it for servers with handlers of their own
  const server = new Server(
    { name: 'cluster-serving', title: 'Cluster Serving', version },
    { instructions, capabilities: { tools: {} } },
  );
  const running = new Set<Promise<unknown>>();
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: listTools() }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal, sendNotification }) => {
    const progressToken = params._meta?.progressToken;
    let progress = 0;
    const onProgress = (message: string) => {
      if (progressToken === undefined || signal.aborted) return;
      progress += 1;
      const note = {
        method: 'notifications/progress' as const,
        params: { progressToken, progress, message },
      };
      // A client that has gone reads no progress, and the call ends by its signal.
      sendNotification(note).catch(() => undefined);
    };
    const call = callTool(params.name, params.arguments, { programFolder, signal, onProgress }, log);
    running.add(call);
    return call.finally(() => running.delete(call));
  });
  return {
    server,
    async settled() {
      await Promise.allSettled(running);
    },
  };
}

function listTools(): ListedTool[] {
  return (Object.keys(mcpTools) as McpToolName[]).map((name) => {
    const { title, meaning, effect }: McpTool = mcpTools[name];
    return {
      name,
      title,
      description: meaning,
      inputSchema: tools[name].inputSchema,
      annotations: {
        title,
        readOnlyHint: effect === 'reads',
        destructiveHint: effect === 'changes',
        idempotentHint: effect === 'reads',
        openWorldHint: false,
      },
    };
  });
}
