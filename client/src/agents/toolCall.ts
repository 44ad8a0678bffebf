import type { Cli } from '../jobs/cli.ts';

/** One call of a tool for agents. */
export interface ToolCall {
  /** As `cluster-serving mcp` has it. */
  readonly tool: string;
  /** What the agent gives; the tool checks it. */
  readonly input: object;
  /** Relative paths start from there; absent where no folder is open. */
  readonly folder?: string;
  readonly signal: AbortSignal;
}

/** What `mcp --call` prints. */
interface Printed {
  readonly isError?: boolean;
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
}

/** Calls a tool through the command line. @returns its text, for the agent
 *  @throws Error with the text of a tool that fails, which says what to do */
export async function callTool(
  cli: Pick<Cli, 'run'>,
  { tool, input, folder, signal }: ToolCall,
): Promise<string> {
  const lines = await cli.run(['mcp', '--call', tool], {
    input: JSON.stringify(input),
    signal,
    ...(folder === undefined ? {} : { cwd: folder }),
  });
  const { isError, content = [] }: Printed = lines.at(-1) ?? { isError: true };
  const text = content.flatMap((part) => part.text ?? []).join('\n');
  if (isError) throw new Error(text === '' ? `${tool} gave no result.` : text);
  return text;
}
