import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { ServingError } from '../../../schemas/errors.ts';
import type { McpToolName } from '../../../schemas/programs/mcpTools.ts';
import { printable } from '../../../schemas/printable.ts';
import { failureOf } from './failure.ts';
import type { ToolContext, ToolResult } from './tool.ts';
import { tools } from './tools/tools.ts';

/** Calls a tool, and makes a result of what it throws too.
 *  @param args  as the agent gave them; the tool checks them
 *  @param log  takes the stacks of bugs */
export async function callTool(
  name: string,
  args: unknown,
  context: ToolContext,
  log: (text: string) => void,
): Promise<CallToolResult> {
  try {
    if (!Object.hasOwn(tools, name))
      throw new ServingError(
        'wrong-use',
        `There is no tool "${name}". There are ${Object.keys(tools).join(', ')}.`,
      );
    return resultOf(await tools[name as McpToolName].call(args, context));
  } catch (error) {
    const { code, message } = failureOf(error, log);
    const text = `${message.split('\n').map(printable).join('\n')} (${code})`;
    return {
      isError: true,
      content: [{ type: 'text', text }],
      structuredContent: { error: { code, message } },
    };
  }
}

function resultOf({ text, data, images = [] }: ToolResult): CallToolResult {
  return {
    content: [
      { type: 'text', text: text.map(printable).join('\n') },
      ...images.map((png) => ({ type: 'image' as const, data: png, mimeType: 'image/png' })),
    ],
    structuredContent: { ...data },
  };
}
