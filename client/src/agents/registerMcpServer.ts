import * as vscode from 'vscode';
import { mcpProviderId } from '../../../schemas/editor/editorTasks.ts';
import type { Disposing } from '../disposing.ts';
import { mcpCommand } from './mcpCommand.ts';

/** The part of the editor's API that came with 1.101; types for it are newer than the oldest editor that is supported. */
interface NewerEditor {
  readonly lm?: {
    registerMcpServerDefinitionProvider?(id: string, provider: McpProvider): Disposing;
  };
  readonly McpStdioServerDefinition?: new (
    label: string,
    command: string,
    args: string[],
    env?: Record<string, string>,
    version?: string,
  ) => McpServer;
}

interface McpServer {
  env: Record<string, string | number | null>;
  cwd?: vscode.Uri;
}

interface McpProvider {
  readonly onDidChangeMcpServerDefinitions: vscode.Event<void>;
  provideMcpServerDefinitions(): McpServer[];
  resolveMcpServerDefinition(server: McpServer): Promise<McpServer>;
}

interface McpSetup {
  readonly program: string;
  readonly version: string;
  /** What the programs get in their environment. */
  readonly environment: () => Promise<Readonly<Record<string, string>>>;
}

/** Offers `cluster-serving mcp` to the editor's agents, where the editor has any and the workspace is trusted. The editor
 *  starts it when an agent needs it; passwords are added then, and not before. */
export function registerMcpServer({ program, version, environment }: McpSetup): readonly Disposing[] {
  const { lm, McpStdioServerDefinition: Definition } = vscode as unknown as NewerEditor;
  if (!lm?.registerMcpServerDefinitionProvider || !Definition) return [];
  const changed = new vscode.EventEmitter<void>();
  const again = () => changed.fire();
  const provider: McpProvider = {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions() {
      const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
      if (!vscode.workspace.isTrusted || !folder) return [];
      const { label, command, args, env } = mcpCommand(program);
      const server = new Definition(label, command, args, env, version);
      server.cwd = folder.uri;
      return [server];
    },
    async resolveMcpServerDefinition(server) {
      server.env = { ...server.env, ...(await environment()) };
      return server;
    },
  };
  return [
    changed,
    vscode.workspace.onDidGrantWorkspaceTrust(again),
    vscode.workspace.onDidChangeWorkspaceFolders(again),
    lm.registerMcpServerDefinitionProvider(mcpProviderId, provider),
  ];
}
