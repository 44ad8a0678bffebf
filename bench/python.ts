import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelType } from '../schemas/runtimes.ts';
import { loadModel } from '../server/src/model/loadModel.ts';
import type { ModelTensor } from '../server/src/model/model.ts';
import { cache, isShort, median, percentile, sized } from './support.ts';

/* What a batch of 64 rows of 64 floats costs above the call in Python: the round trip of a run as the engine asks for it,
   against the same call in a process of Python alone, in turns within one run. */

const python = join(cache, 'frameworks', 'bin', 'python');
const rows = 64;
const columns = 64;
const rounds = sized(5, 1);
const runsPerRound = sized(400, 20);
const goalMicros = 400;

const makeScript = `
import sys, torch
torch.manual_seed(1)
net = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU()).eval()
torch.jit.script(net).save(sys.argv[1])
`;

/** Prints the median of the calls alone, in µs. It waits between them, as a process does that waits for its next run: a call
 *  in a tight loop finds everything in the processor's caches. */
const alone = `
import sys, time
kind, file, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
if kind == "pytorch":
    import torch
    torch.set_num_threads(1)
    module = torch.jit.load(file)
    x = torch.rand(64, 64)
    def call():
        with torch.inference_mode():
            module(x)
else:
    import numpy as np
    sys.path.insert(0, file.rsplit("/", 1)[0])
    from model import predict
    x = np.random.rand(64, 64).astype(np.float32)
    call = lambda: predict({"x": x})
times = []
for _ in range(runs):
    time.sleep(0.0002)
    start = time.perf_counter()
    call()
    times.append(time.perf_counter() - start)
print(sorted(times)[len(times) // 2] * 1e6)
`;

function timeAlone(type: ModelType, file: string): number {
  const args = ['-W', 'ignore', '-c', alone, type, file, String(runsPerRound)];
  return Number(execFileSync(python, args, { encoding: 'utf8' }));
}

async function measure(title: string, type: ModelType, file: string): Promise<void> {
  const model = await loadModel({
    source: { type, file },
    runtime: 'python',
    place: python,
    copies: 1,
    threads: 1,
    batchSize: rows,
    batching: 'on',
    workerFile: '',
    onDeath: (error) => {
      throw error;
    },
  });
  const name = model.inputs[0]?.name ?? 'x';
  const feeds = (): ModelTensor[] => [
    {
      name,
      type: 'float32',
      shape: [rows, columns],
      data: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i)),
    },
  ];
  const above: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const call = timeAlone(type, file);
    const times: number[] = [];
    for (let run = 0; run < runsPerRound; run++) {
      const given = feeds();
      const start = performance.now();
      await model.run(given);
      times.push((performance.now() - start) * 1000);
    }
    above.push(median(times) - call);
    ratios.push(median(times) / call);
    console.log(
      `${title}: the call alone ${call.toFixed(0)} µs, a run ${median(times).toFixed(0)} µs (p95 ${percentile(times, 0.95).toFixed(0)})`,
    );
  }
  await model.close();
  const micros = median(above);
  const goal = isShort ? '' : ` (goal ${goalMicros}: ${micros <= goalMicros ? 'met' : 'missed'})`;
  console.log(
    `${title}: ${micros.toFixed(0)} µs above the call${goal}, ${median(ratios).toFixed(1)} times the call`,
  );
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-python-'));
  try {
    writeFileSync(
      join(folder, 'model.py'),
      'INPUTS = {"x": ("float32", [None, 64])}\n\n\ndef predict(inputs):\n    return {"y": inputs["x"] * 2}\n',
    );
    execFileSync(python, ['-W', 'ignore', '-c', makeScript, join(folder, 'net.pt')]);
    await measure('model.py', 'pythonModel', join(folder, 'model.py'));
    await measure('TorchScript', 'pytorch', join(folder, 'net.pt'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
