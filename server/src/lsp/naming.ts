import { LSPErrorCodes, ResponseError, type Connection } from 'vscode-languageserver';
import { toRange } from './convert.ts';
import { guarded, type Log } from './guard.ts';
import type { JobNames } from './jobNames.ts';

/** Definition, references and rename of the name of a job. */
export function registerNaming(connection: Connection, names: JobNames, log: Log): void {
  connection.onDefinition(
    guarded('definition', log, null, async ({ textDocument, position }) => {
      const here = names.at(textDocument.uri, position);
      return here ? names.find(here.use.name, true) : null;
    }),
  );

  connection.onReferences(
    guarded('references', log, null, async ({ textDocument, position, context }) => {
      const here = names.at(textDocument.uri, position);
      if (!here) return null;
      const all = await names.find(here.use.name, false);
      if (context.includeDeclaration) return all;
      const definitions = new Set(
        (await names.find(here.use.name, true)).map((place) => JSON.stringify(place)),
      );
      return all.filter((place) => !definitions.has(JSON.stringify(place)));
    }),
  );

  connection.onPrepareRename(
    guarded('rename', log, null, ({ textDocument, position }) => {
      const here = names.at(textDocument.uri, position);
      return here ? { range: toRange(here.document, here.use.range), placeholder: here.use.name } : null;
    }),
  );

  connection.onRenameRequest(async (params, token) => {
    const work = guarded<typeof params, Awaited<ReturnType<JobNames['rename']>> | null>(
      'rename',
      log,
      null,
      async ({ textDocument, position, newName }) => {
        const here = names.at(textDocument.uri, position);
        return here ? ((await names.rename(here.use.name, newName)) ?? null) : null;
      },
    );
    const edit = await work(params, token);
    if (edit !== null && edit !== undefined) return edit;
    return new ResponseError(
      LSPErrorCodes.RequestFailed,
      'The name of a job begins with a letter, a digit or _, and holds only those, points and hyphens.',
    );
  });
}
