import { serve } from '../mcp/serve.ts';
import { untilStopped } from './jobs/untilStopped.ts';

/** @param programFolder  where the bundles are */
export async function mcp(programFolder: string, version: string): Promise<number> {
  // The standard output belongs to the protocol.
  const log = (text: string) => process.stderr.write(`${text}\n`);
  await serve({ programFolder, version, log }, untilStopped());
  return 0;
}
