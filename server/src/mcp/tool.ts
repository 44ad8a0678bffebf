import * as z from 'zod';
import { ServingError } from '../../../schemas/errors.ts';

/** What a tool is called in. */
export interface ToolContext {
  /** Where the bundles are. */
  readonly programFolder: string;
  /** Aborted when the client cancels the call or goes away. */
  readonly signal: AbortSignal;
  /** Sends the client a line about a call that takes long. */
  readonly onProgress: (line: string) => void;
}

export interface ToolResult {
  /** Lines for people. */
  readonly text: readonly string[];
  /** The same for programs, in full. */
  readonly data: Readonly<Record<string, unknown>>;
  /** PNGs in base64. */
  readonly images?: readonly string[];
}

export interface Tool {
  /** JSON schema of the arguments. */
  readonly inputSchema: InputSchema;
  /** @throws ServingError "wrong-use" for arguments that do not fit the schema, or any that the work throws */
  call(args: unknown, context: ToolContext): Promise<ToolResult>;
}

interface InputSchema {
  readonly [key: string]: unknown;
  readonly type: 'object';
}

/** Makes a tool of the schema of its arguments and what it does. Arguments that the schema does not name are refused: a
 *  misspelt one would be ignored otherwise. */
export function defineTool<Shape extends z.ZodRawShape>(
  shape: Shape,
  work: (args: z.output<z.ZodObject<Shape>>, context: ToolContext) => Promise<ToolResult>,
): Tool {
  const schema = z.strictObject(shape);
  return {
    inputSchema: { ...z.toJSONSchema(schema, { io: 'input' }), type: 'object' },
    async call(args, context) {
      const read = schema.safeParse(args ?? {});
      if (!read.success) throw new ServingError('wrong-use', read.error.issues.map(issueText).join(' '));
      return work(read.data, context);
    },
  };
}

function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `There is no argument ${issue.keys.map((key) => `"${key}"`).join(', ')}.`;
  const place = issue.path.length === 0 ? 'The arguments' : `"${issue.path.join('.')}"`;
  return `${place}: ${issue.message.replace(/\.$/, '')}.`;
}
