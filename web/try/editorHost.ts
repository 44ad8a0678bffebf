import type { TryAnswer, TryMessage, TryModel, TryQuestion, TryTarget } from '../../schemas/pages.ts';
import type { EditorHost } from '../design/host.ts';
import { base64Of } from './tryHistory.ts';
import type { Sent, TryHost } from './host.ts';
import { readLine } from './outcome.ts';
import { withRest } from './waterfall.ts';

/** The way of a page in the editor: messages to the extension, which runs the command line. */
export function createEditorHost(
  editor: EditorHost,
  onModel: (model: TryModel, target: TryTarget) => void,
): TryHost {
  const waiting = new Map<number, (answer: TryAnswer) => void>();
  let lastId = 0;
  let url = '';
  const post = (question: TryQuestion) => editor.postMessage(question);

  addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = data as TryMessage;
    if (message.kind === 'model') {
      ({ url } = message);
      onModel(message.model, message.target);
      return;
    }
    waiting.get(message.id)?.(message.answer);
    waiting.delete(message.id);
  });
  post({ kind: 'model' });

  return {
    async ask(model, sent, signal) {
      const id = ++lastId;
      const names = model.outputs.map(({ name }) => name);
      const began = performance.now();
      signal.addEventListener('abort', () => post({ kind: 'cancel', id }));
      const answer = await new Promise<TryAnswer>((resolve) => {
        waiting.set(id, resolve);
        post({ kind: 'ask', id, body: bodyOf(model, sent) });
      });
      const totalMs = performance.now() - began;
      const { records, error, queueMs } = answer;
      const outcomes = error
        ? [{ error: error.message, ...(error.code === undefined ? {} : { code: error.code }) }]
        : records.map((line) => readLine(line, names));
      const parts =
        queueMs === undefined ? [] : withRest(totalMs, [{ name: 'queue', ms: queueMs }], 'program');
      return { outcomes, totalMs, parts };
    },
    url: ({ path }) => `${url.replace(/\/$/, '')}${path}`,
    hasKey: () => false,
  };
}

/** An image goes as base64 within an instance. */
function bodyOf({ inputs }: TryModel, sent: Sent): string {
  if (sent.kind === 'json') return sent.text;
  // A model with a single input takes any name for it.
  const name = sent.input ?? inputs[0]?.name ?? 'image';
  return JSON.stringify({ instances: [{ [name]: { b64: base64Of(sent.bytes) } }] });
}
