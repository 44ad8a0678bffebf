import * as z from 'zod';
import { askRecords } from '../../ask/askRecords.ts';
import { outcomeText, readableOutcome, type Outcome } from '../../ask/outcome.ts';
import { instanceQuestions, readQuestions, type Question } from '../../ask/questions.ts';
import { imageEndings } from '../../../../schemas/imageFormats.ts';
import { messageOf, ServingError } from '../../../../schemas/errors.ts';
import { isGone } from '../../jobs/backends.ts';
import { ofQueue, requireFile, withQueue } from '../arguments.ts';
import { defineTool } from '../tool.ts';

const maxFiles = 100;
const maxSeconds = 600;

export const predict = defineTool(
  {
    ...ofQueue,
    files: z
      .array(z.string().min(1))
      .max(maxFiles)
      .default([])
      .describe(`Images (${imageEndings.join(', ')}), .npy files, or .json files with instances.`),
    // JSON of the protocol has been read already, and rounded what has more than 53 bits.
    instances: z
      .string()
      .optional()
      .describe('Records as a JSON text: {"instances": [{"name of an input": nested list of numbers}]}.'),
    input: z.string().min(1).optional().describe('The name of the input that images and .npy files go to.'),
    timeoutSeconds: z.int().min(1).max(maxSeconds).default(30).describe('How long to wait for the results.'),
  },
  async (args) => {
    const { files, instances, input, timeoutSeconds } = args;
    if (files.length === 0 && instances === undefined)
      throw new ServingError('wrong-use', 'Give files, instances, or both.');
    const questions: Question[] = instances === undefined ? [] : instanceQuestions(instances, 'instances');
    const unread: { readonly name: string; readonly error: string; readonly reason: string }[] = [];
    for (const file of files)
      try {
        requireFile(file);
        questions.push(...readQuestions(file, input));
      } catch (error) {
        if (!(error instanceof ServingError)) throw error;
        unread.push({ name: file, error: error.code, reason: messageOf(error) });
      }
    // Nothing that was named can be sent.
    if (questions.length === 0)
      throw new ServingError('wrong-use', unread.map(({ reason }) => reason).join(' '));
    return withQueue(args, async ({ store, jobName }) => {
      const { answers, summary } = await askRecords({ store, jobName }, questions, {
        timeoutMs: timeoutSeconds * 1000,
        isGone,
      });
      const failed = summary.failed + unread.length;
      return {
        text: [
          ...unread.map(({ reason }) => reason),
          ...answers.map(
            ({ question, outcome }) =>
              `${question.name}: ${outcomeText(outcome, { jobName, seconds: timeoutSeconds })}`,
          ),
          ...(failed > 0 ? [`${failed} of ${summary.records + unread.length} have no prediction.`] : []),
        ],
        data: {
          jobName,
          predictions: [
            ...unread,
            ...answers.map(({ question, outcome }) => ({ name: question.name, ...exact(outcome) })),
          ],
          summary: { ...summary, records: summary.records + unread.length, failed },
        },
      };
    });
  },
);

/** JSON has no word for what is not finite, and would write null. */
function exact(outcome: Outcome): Readonly<Record<string, unknown>> {
  const { outputs, ...rest } = readableOutcome(outcome) as {
    outputs?: readonly { data: readonly unknown[] }[];
  };
  const names = 'prediction' in outcome && typeof outcome.prediction !== 'string' ? outcome.prediction : [];
  if (!outputs) return rest;
  return {
    outputs: outputs.map((output, i) => ({
      ...(names[i]?.name === undefined ? {} : { name: names[i].name }),
      ...output,
      data: output.data.map((element) =>
        typeof element === 'number' && !Number.isFinite(element) ? String(element) : element,
      ),
    })),
  };
}
