import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../support/serving.ts';
import type { Case } from './cases.ts';
import type { CaseResult } from './runCase.ts';
import type { RunnerReply, RunnerRequest } from './runner.ts';

/** How long one case may take before its process is ended. */
const maxCaseMs = 60_000;
const processes = 2;

/** Runs cases in processes of their own: a process that native code ends is that case's failure alone. */
export async function runCases(cases: readonly Case[]): Promise<ReadonlyMap<Case, CaseResult>> {
  const program = await bundleRunner();
  const left = [...cases];
  const results = new Map<Case, CaseResult>();
  await Promise.all(
    Array.from({ length: processes }, async () => {
      let child: ChildProcess | undefined;
      for (let one = left.shift(); one; one = left.shift()) {
        child ??= fork(program, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: 'advanced' });
        const result = await ask(child, one);
        results.set(one, result);
        if (!child.connected) child = undefined;
      }
      child?.disconnect();
    }),
  );
  return results;
}

function ask(child: ChildProcess, one: Case): Promise<CaseResult> {
  return new Promise((resolve) => {
    let isEngine = false;
    const end = (result: CaseResult) => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve(result);
    };
    const onMessage = (reply: RunnerReply) => {
      if ('phase' in reply) isEngine = true;
      else end(reply.result);
    };
    const onExit = (code: number | null, signal: string | null) => {
      const why = `the process ended with ${signal ?? code}`;
      end(isEngine ? { outcome: 'crash', why } : { outcome: 'not run', why: `the runtime crashes: ${why}` });
    };
    const timer = setTimeout(() => child.kill('SIGKILL'), maxCaseMs);
    child.on('message', onMessage);
    child.once('exit', onExit);
    const request: RunnerRequest = { one, modelWorkerFile: join(root, 'dist', 'modelWorker.mjs') };
    child.send(request);
  });
}

/** The runner and what it takes of the product, as one file that Node can run. */
async function bundleRunner(): Promise<string> {
  const outfile = join(root, '.cache', 'onnx', 'runner.mjs');
  await build({
    entryPoints: [join(root, 'test', 'onnx', 'backend', 'runner.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['onnxruntime-node'],
    logLevel: 'warning',
  });
  return outfile;
}
