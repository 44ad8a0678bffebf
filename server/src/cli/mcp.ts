import { text } from 'node:stream/consumers';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { untilStopped } from './jobs/untilStopped.ts';

interface Options {
  readonly call?: string;
}

/** @param programFolder  where the bundles are
 *  @throws ServingError "wrong-use" for arguments of a tool that are no JSON */
export async function mcp({ call }: Options, programFolder: string, version: string): Promise<number> {
  // The standard output belongs to the protocol, or to the one result.
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const signal = untilStopped();
  if (call === undefined) {
    const { serve } = await import('../mcp/serve.ts');
    await serve({ programFolder, version, log }, signal);
    return 0;
  }
  // A person who types no arguments means none.
  const args = readArguments(process.stdin.isTTY ? '' : await text(process.stdin));
  const { callTool } = await import('../mcp/callTool.ts');
  const result = await callTool(call, args, { programFolder, signal, onProgress: log }, log);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return result.isError ? 1 : 0;
}

/** What is no object, the tool refuses. */
function readArguments(given: string): unknown {
  if (given.trim() === '') return {};
  try {
    return JSON.parse(given);
  } catch (error) {
    throw new ServingError(
      'wrong-use',
      `The arguments of the tool, on the standard input, are no JSON: ${messageOf(error)}.`,
    );
  }
}
