export interface McpCommand {
  readonly label: string;
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** How the server for agents is started: the node that runs the extension runs it, as there may be no other.
 *  @param program  the command line's bundle */
export function mcpCommand(program: string): McpCommand {
  return {
    label: 'Cluster Serving',
    command: process.execPath,
    args: [program, 'mcp'],
    env: { ELECTRON_RUN_AS_NODE: '1' },
  };
}
