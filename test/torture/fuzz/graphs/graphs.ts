import { InferenceSession, Tensor } from 'onnxruntime-node';
import { writeOnnx, type OnnxGraph } from '../../../../server/src/model/caffe/onnxWriter.ts';
import { readFacts } from '../../../../server/src/model/judgeFile.ts';
import { compareRuns, type AloneRun } from '../../../../server/src/model/compareRuns.ts';
import type { ModelTensor } from '../../../../server/src/model/model.ts';
import { createRandom, type Random } from '../../random.ts';
import type { FuzzOptions, FuzzReport } from '../fuzz.ts';
import { Builder, drawnRows, type DrawnValue } from './builder.ts';
import { steps, type Step } from './steps.ts';

/* Draws graphs by chance, asks whether rows of several records may share a run of them, and runs those of which the answer is
   yes: each row by itself, and several together. */

const stepsOfGraph = 6;
const largestValue = 4_096;
/** Rows that are compared, of amplitudes that are far apart. */
const scales = [1, 40, 0.02, 1, 3, 1, 0.5];
/** How many share each run. */
const groups = [2, 5];
const quiet: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
};

/** @param options  how many graphs are drawn; every value of each is judged as if it were the answer */
export async function fuzzGraphs({ seed, count }: FuzzOptions): Promise<FuzzReport> {
  const outcomes = new Map<string, number>();
  const found: string[] = [];
  let slowestMs = 0;
  const note = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  for (let i = 0; i < count; i++) {
    // Each has its own seed, so that one that fails can be drawn by itself.
    const random = createRandom(seed + i);
    const drawn = await draw(random);
    const proved: DrawnValue[] = [];
    for (const value of drawn.made) {
      const start = performance.now();
      const { verdict } = await readFacts(bytesOf(drawn.graphOf([value])));
      slowestMs = Math.max(slowestMs, performance.now() - start);
      note(verdict.kind);
      if (verdict.kind === 'proved') proved.push(value);
    }
    for (const [at, wrong] of await wrongOnes(
      proved.map((value) => drawn.graphOf([value])),
      random,
    ))
      found.push(`${wrong}: seed ${seed + i}: ${describe(drawn.graphOf([proved[at] as DrawnValue]))}`);
  }
  return { count, outcomes, slowestMs, found };
}

interface Drawn {
  /** What the steps have made. */
  readonly made: readonly DrawnValue[];
  /** The part of the graph that makes these values. */
  graphOf(answers: readonly DrawnValue[]): OnnxGraph;
}

/** A graph that the runtime takes: steps that it does not take are drawn again. */
async function draw(random: Random): Promise<Drawn> {
  const shape = [drawnRows, ...Array.from({ length: random.between(1, 3) }, () => random.between(1, 4))];
  const x: DrawnValue = { name: 'x', type: 'float', shape };
  const inputs = random.next() < 0.3 ? [x, { ...x, name: 'y' }] : [x];
  const b = new Builder(random, inputs);
  const feeds = feedsOf(inputs, rowsOf(inputs, drawnRows, random));
  const kinds = Object.values(steps);
  for (let made = 0, tries = 0; made < stepsOfGraph && tries < 10 * stepsOfGraph; tries++) {
    if (await take(b, random.pick(kinds), inputs, feeds)) made++;
  }
  return { made: b.values.slice(inputs.length), graphOf: (answers) => graphOf(b, inputs, answers) };
}

async function take(
  b: Builder,
  step: Step,
  inputs: readonly DrawnValue[],
  feeds: Record<string, Tensor>,
): Promise<boolean> {
  const back = b.mark();
  const made = step(b)?.map(([name, type]): DrawnValue => ({ name, type, shape: [] }));
  if (!made) {
    back();
    return false;
  }
  try {
    const results = await runOf(bytesOf(graphOf(b, inputs, made)), feeds);
    const shapes = results.map((result) => result.shape);
    const lengths = shapes.map((shape) => shape.reduce((p, n) => p * n, 1));
    // Of nothing several operators of the runtime make a crash.
    if (lengths.some((length) => length === 0 || length > largestValue)) throw new Error('of no use');
    made.forEach((value, i) => b.values.push({ ...value, shape: shapes[i] ?? [] }));
    return true;
  } catch {
    back();
    return false;
  }
}

function graphOf(b: Builder, inputs: readonly DrawnValue[], answers: readonly DrawnValue[]): OnnxGraph {
  const outputs = answers.map((_, i) => ({ name: `out${i}` }));
  const names = new Set(answers.map(({ name }) => name));
  // The runtime runs nodes that no answer is made of, too.
  const live = b.nodes.toReversed().filter((node) => {
    const isLive = node.outputs.some((name) => names.has(name));
    if (isLive) for (const name of node.inputs) names.add(name);
    return isLive;
  });
  const casts = answers.map(({ name }, i) => ({
    operator: 'Cast',
    inputs: [name],
    outputs: [`out${i}`],
    attributes: { to: { int: 1 } },
  }));
  return {
    nodes: [...live.reverse(), ...casts],
    constants: b.constants.filter(({ name }) => names.has(name)),
    inputs: inputs.map(({ name, shape }) => ({ name, dims: ['N', ...shape.slice(1)] })),
    outputs,
  };
}

const bytesOf = (graph: OnnxGraph) => writeOnnx(graph, 'fuzz');

type Row = readonly Float32Array[];

/** Rows of every input, whose values are no ties. */
function rowsOf(
  inputs: readonly { readonly shape: readonly number[] }[],
  count: number,
  random: Random,
): Row[] {
  return Array.from({ length: count }, (_, i) =>
    inputs.map(({ shape }) =>
      Float32Array.from(
        { length: shape.slice(1).reduce((p, n) => p * n, 1) },
        () => (random.next() * 4 - 2) * (scales[i] ?? 1),
      ),
    ),
  );
}

function feedsOf(
  inputs: readonly { readonly name: string; readonly shape: readonly number[] }[],
  rows: readonly Row[],
): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, shape }, i) => {
      const data = rows.flatMap((row) => [...(row[i] ?? [])]);
      return [name, new Tensor('float32', Float32Array.from(data), [rows.length, ...shape.slice(1)])];
    }),
  );
}

async function runOf(bytes: Uint8Array, feeds: Record<string, Tensor>): Promise<ModelTensor[]> {
  const session = await InferenceSession.create(bytes, quiet);
  try {
    return await outputsOf(session, feeds);
  } finally {
    await session.release();
  }
}

async function outputsOf(session: InferenceSession, feeds: Record<string, Tensor>): Promise<ModelTensor[]> {
  const results = await session.run(feeds);
  return session.outputNames.map((name) => {
    const { data, dims } = results[name] as Tensor;
    return { name, type: 'float32', shape: dims, data: data as Float32Array };
  });
}

/** Runs all graphs of the same inputs: each row by itself, and then together with others.
 *  @returns by their places: what was wrong with those of which a row has another answer in company */
async function wrongOnes(graphs: readonly OnnxGraph[], random: Random): Promise<ReadonlyMap<number, string>> {
  const wrong = new Map<number, string>();
  const [first] = graphs;
  if (!first) return wrong;
  const rows = rowsOf(first.inputs.map(shapeOf), scales.length, random);
  for (const [at, graph] of graphs.entries()) {
    const what = await mixed(graph, rows);
    if (what) wrong.set(at, what);
  }
  return wrong;
}

const shapeOf = ({ name, dims = [] }: OnnxGraph['inputs'][number]) => ({
  name,
  shape: dims.map((dim) => (typeof dim === 'number' ? dim : drawnRows)),
});

/** @returns what was wrong; undefined where each row has the answer that it has by itself, or where none could be run */
async function mixed(graph: OnnxGraph, rows: readonly Row[]): Promise<string | undefined> {
  const session = await InferenceSession.create(bytesOf(graph), quiet);
  const inputs = graph.inputs.map(shapeOf);
  const run = (some: readonly Row[]) =>
    outputsOf(session, feedsOf(inputs, some)).catch((error: unknown) => String(error));
  try {
    const alone = [];
    for (const row of rows) {
      const outputs = await run([row]);
      alone.push(typeof outputs === 'string' ? outputs : { rows: 1, outputs });
    }
    let from = 0;
    for (const size of groups) {
      const [some, single] = [rows.slice(from, from + size), alone.slice(from, from + size)];
      from += size;
      const together = await run(some);
      // A failed run of several is run again one by one.
      if (typeof together === 'string') continue;
      const failed = single.find((one) => typeof one === 'string');
      if (failed !== undefined) return `runs together, and not alone (${failed})`;
      const [difference] = compareRuns(together, single as AloneRun[]);
      if (difference && !(await isUnsteady(run, some[difference.record] as Row, difference.size)))
        return `differs by ${difference.size.toPrecision(2)} with ${size} rows`;
    }
    return undefined;
  } finally {
    await session.release();
  }
}

/** Whether noise in the last digits changes the answer of a row as much: then kernels for other numbers of rows may, too. */
async function isUnsteady(
  run: (rows: readonly Row[]) => Promise<ModelTensor[] | string>,
  row: Row,
  size: number,
): Promise<boolean> {
  const steady = await run([row]);
  for (const noise of [1e-6, -1e-6, 1e-5]) {
    const shaken = await run([row.map((values) => values.map((value) => value * (1 + noise)))]);
    if (typeof steady === 'string' || typeof shaken === 'string') return true;
    const [difference] = compareRuns(shaken, [{ rows: 1, outputs: steady }]);
    if (difference && difference.size * 10 >= size) return true;
  }
  return false;
}

function describe({ nodes, constants, inputs }: OnnxGraph): string {
  const shapes = constants.map(({ name, dims, data }) =>
    data.length <= 6
      ? `${name}=${dims.length === 1 ? '' : `[${dims.join()}]`}(${[...data]
          .map(Number)
          .map((v) => Number(v.toFixed(3)))
          .join()})`
      : `${name}[${dims.join()}]`,
  );
  const lines = nodes.map(({ operator, inputs: from, outputs, attributes }) => {
    const given = Object.entries(attributes).map(
      ([name, value]) => ` ${name}=${String(Object.values(value)[0])}`,
    );
    return `${outputs.join()} = ${operator}(${from.join()})${given.join('')}`;
  });
  return [
    inputs.map(({ name, dims }) => `${name}[${dims?.join()}]`).join(' '),
    ...lines,
    `with ${shapes.join(' ')}`,
  ].join('; ');
}
