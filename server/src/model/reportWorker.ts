import './silence.ts';
import { messageOf, ServingError } from '../../../schemas/errors.ts';
import type { LoadedReport } from '../../../schemas/modelReport.ts';
import { loadModel, type LoadModelOptions } from './loadModel.ts';

// A program of its own: a broken native library may end the process that loads it.

/** What it is started with, as JSON. */
export type ReportRequest = Omit<LoadModelOptions, 'onDeath' | 'onLoaded' | 'onPrint' | 'quick'>;

/** What it prints, as JSON. */
export type ReportReply =
  | { readonly loaded: LoadedReport }
  | { readonly error: { readonly code?: string; readonly message: string } };

async function report(request: ReportRequest): Promise<ReportReply> {
  try {
    // What a process of the model prints goes to its own standard error.
    const model = await loadModel({ ...request, onDeath: () => undefined });
    const { inputs, outputs, sharing, notes = [] } = model;
    const { shared, reason } = sharing;
    await model.close();
    return { loaded: { inputs, outputs, sharing: { shared, reason }, notes } };
  } catch (error) {
    const code = error instanceof ServingError ? { code: error.code } : {};
    return { error: { ...code, message: messageOf(error) } };
  }
}

const reply = await report(JSON.parse(process.argv[2] ?? '{}') as ReportRequest);
process.stdout.write(`${JSON.stringify(reply)}\n`);
