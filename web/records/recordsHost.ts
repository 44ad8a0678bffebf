import type {
  ListedPage,
  ListQuestion,
  RecordChange,
  RecordsMessage,
  RecordsQuestion,
} from '../../schemas/recordsPage.ts';
import type { RecordPreview } from '../../schemas/redis/queueReports.ts';
import type { EditorHost } from '../design/host.ts';

/** The way of the page to the queue: messages to the extension, which runs the command line. */
export interface RecordsHost {
  /** @throws Error with the reason */
  page(list: ListQuestion): Promise<ListedPage>;
  /** Those of the records that are there. @throws Error with the reason */
  previews(ids: readonly string[]): Promise<readonly RecordPreview[]>;
  open(id: string): void;
  change(kind: RecordChange, ids: readonly string[]): void;
}

type Answer = Exclude<RecordsMessage, { readonly kind: 'queue' }>;

export function createRecordsHost(
  editor: Pick<EditorHost, 'postMessage'>,
  onQueue: (message: Extract<RecordsMessage, { readonly kind: 'queue' }>) => void,
): RecordsHost & { receive(message: RecordsMessage): void } {
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  const post = (question: RecordsQuestion) => editor.postMessage(question);

  async function ask<K extends 'page' | 'previews'>(
    kind: K,
    questionOf: (question: number) => RecordsQuestion,
  ): Promise<Extract<Answer, { readonly kind: K }>> {
    const question = ++last;
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(question, resolve);
      post(questionOf(question));
    });
    if (answer.kind === 'failed') throw new Error(answer.message);
    return answer as Extract<Answer, { readonly kind: K }>;
  }

  return {
    page: async (list) => (await ask('page', (question) => ({ kind: 'page', question, list }))).page,
    previews: async (ids) =>
      (await ask('previews', (question) => ({ kind: 'previews', question, ids }))).records,
    open: (id) => post({ kind: 'open', id }),
    change: (kind, ids) => post({ kind, ids }),
    receive(message) {
      if (message.kind === 'queue') {
        onQueue(message);
        return;
      }
      waiting.get(message.question)?.(message);
      waiting.delete(message.question);
    },
  };
}
