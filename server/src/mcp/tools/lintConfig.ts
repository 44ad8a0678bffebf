import * as z from 'zod';
import { ServingError } from '../../../../schemas/errors.ts';
import { formatProblem } from '../../config/readConfig.ts';
import { recognise } from '../../language/recognise/recognise.ts';
import { regionOf, type Report } from '../../lint/report.ts';
import { checkSources } from '../../workspace/checkSources.ts';
import { loadSources } from '../../workspace/lintSources.ts';
import { requireFile } from '../arguments.ts';
import { counted } from '../lines.ts';
import { defineTool } from '../tool.ts';

export const lintConfig = defineTool(
  {
    path: z
      .string()
      .min(1)
      .optional()
      .describe('A config, or a folder whose configs are checked; with a text, where that is to be saved.'),
    text: z
      .string()
      .optional()
      .describe('The text of a config, to be checked in place of what is on the disk.'),
  },
  async ({ path, text }) => {
    if (path === undefined && text === undefined)
      throw new ServingError(
        'wrong-use',
        'Give the path of a config or of a folder, or the text of a config.',
      );
    if (path !== undefined) requireFile(path);
    const found = text === undefined ? await loadNamed(path ?? '.') : ofText(text, path);
    const files = await checkSources(found.sources, {}, false);
    const lines = files.flatMap((file) =>
      file.problems.map((problem) => formatProblem(file.path, file.text, problem)),
    );
    const summary = `${counted(files.length, 'config')}, ${lines.length === 0 ? 'no problems' : counted(lines.length, 'problem')}.`;
    return {
      text: [
        ...lines,
        ...found.unread.map((each) => `${each.path}: ${each.trouble}.`),
        ...found.without,
        summary,
      ],
      data: {
        files: files.map((file) => ({
          path: file.path,
          problems: file.problems.map((problem) => ({
            code: problem.code,
            severity: problem.severity,
            message: problem.message,
            ...regionOf(file.text, problem),
          })),
        })),
        unread: found.unread,
        without: found.without,
      },
    };
  },
);

type Found = Pick<Report, 'unread'> & {
  readonly sources: Parameters<typeof checkSources>[0];
  readonly without: readonly string[];
};

/** A named file is checked whatever is in it; "-" is no file here, as the standard input belongs to the protocol. */
async function loadNamed(path: string): Promise<Found> {
  return loadSources([path === '-' ? './-' : path], { force: true, stdinFilename: '' });
}

function ofText(text: string, path = 'config.yaml'): Found {
  const kind = recognise(text).kind === 'servables' ? 'servables' : 'config';
  return { sources: [{ kind, path, text }], unread: [], without: [] };
}
