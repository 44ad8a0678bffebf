import { messageOf } from '../../../schemas/errors.ts';
import type { Case } from './cases.ts';
import { runCase, type CaseResult } from './runCase.ts';

// A process of its own: native code may end it, and then it is one case that has failed.

export interface RunnerRequest {
  readonly one: Case;
  readonly modelWorkerFile: string;
}

export type RunnerReply = { readonly phase: 'engine' } | { readonly result: CaseResult };

const send = (reply: RunnerReply) => process.send?.(reply);

process.on('message', ({ one, modelWorkerFile }: RunnerRequest) => {
  runCase(one, modelWorkerFile, () => send({ phase: 'engine' })).then(
    (result) => send({ result }),
    (error: unknown) => send({ result: { outcome: 'crash', why: messageOf(error) } }),
  );
});
process.on('disconnect', () => process.exit());
