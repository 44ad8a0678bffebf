import { anyType, type TensorInfo } from '../../../schemas/jobEvents.ts';
import type { GraphVerdict } from './graph/judgeBatches.ts';
import { isProcessDeath } from './modelDeath.ts';
import type { Model, ModelTensor } from './model.ts';
import { runChecked } from './runChecked.ts';
import { joinSamples, plainSample, sampleRow, type SampleKind } from './samples.ts';
import { notShared, type Sharing } from './sharing.ts';

export interface SharingQuestion {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly run: Model['run'];
  /** Of the config: `on` and `off` are the user's word. */
  readonly batching: 'auto' | 'on' | 'off';
  readonly verdict: GraphVerdict;
}

/** Sizes of open dimensions to try: lengths of texts, then sides of images. */
const openSizes = [4, 7, 1, 2, 16, 32, 64, 224];
/** Upper ends of ids and indices. What the model refuses, since its table is smaller, proves nothing. */
const wholeLimits = [1000, 100, 10, 2];
/** To warm a model: the runtime writes a line into the log for each sample that it refuses. */
const smallFirst = [...openSizes].sort((a, b) => a - b);
const smallIds = wholeLimits.slice(-1);
/** How many of the sizes that the model takes are tried in full. */
const sizesTried = 3;
/** Slow models are not tried for longer, in ms, once one size has been tried in full. */
const maxTryMs = 2_000;
/** How many rows of one sample may differ by kernels alone; more of them, and it is the number of rows that matters. */
const maxSlight = 2;

/** Whether rows of several records may share a run. It doubles as the warm-up.
 *
 *  What the graph proves is only looked over; what it leaves open is tried: unlike rows, by amplitudes and patterns, together
 *  and one by one, in several sizes and orders. A sample that the model refuses says nothing; without any that it takes, every
 *  record is run by itself.
 *  @see {@link runChecked} for what counts as a difference */
export async function findSharing(question: SharingQuestion): Promise<Sharing> {
  try {
    return await tryIt(question);
  } catch (error) {
    if (!isProcessDeath(error)) throw error;
    // Records may suit it all the same. By the user's word they share runs.
    const reason = `a sample ended the process of the model: ${error.message}`;
    return wordOf(question) ?? notShared(reason, 'samples');
  }
}

async function tryIt(question: SharingQuestion): Promise<Sharing> {
  const { batching, verdict, inputs, outputs, run } = question;
  const isProved = verdict.kind === 'proved';
  // Without shapes there are no samples.
  const isOpen = inputs.length === 0 || inputs.some(({ type }) => type === anyType);
  if (isOpen && !isProved && batching === 'auto')
    return notShared('the model does not say the shapes of its inputs, so batches cannot be tried');
  if (batching === 'auto' && isProved) return checkProof(question);
  const word = wordOf(question);
  const refusal = word ? undefined : refusalOf(verdict, inputs, outputs);
  if (word || refusal !== undefined) {
    if (!isOpen) await firstTaken(inputs, run, smallFirst, smallIds);
    return word ?? notShared(refusal ?? '');
  }
  return trySamples(question);
}

function wordOf({ batching, inputs }: Pick<SharingQuestion, 'batching' | 'inputs'>): Sharing | undefined {
  if (batching === 'auto') return undefined;
  if (batching === 'off') return notShared('batching is off in the config', 'word');
  const fixed = inputs.find(({ shape, openRank }) => shape[0] !== null && openRank !== true);
  if (fixed)
    return notShared(
      `batching is on in the config, but input "${fixed.name}" has no open first dimension`,
      'word',
    );
  return { shared: true, reason: 'batching is on in the config', proof: 'word' };
}

function refusalOf(
  verdict: GraphVerdict,
  inputs: readonly TensorInfo[],
  outputs: readonly TensorInfo[],
): string | undefined {
  if (verdict.kind === 'refuted') return verdict.reason;
  const input = inputs.find(({ shape }) => shape[0] !== null);
  if (input?.shape.length === 0) return `input "${input.name}" has no first dimension that is said`;
  if (input) return `the first dimension of input "${input.name}" is fixed`;
  const output = outputs.find(({ shape }) => shape[0] !== null);
  return output && `the first dimension of output "${output.name}" is fixed, or not said`;
}

/** A proof stands unless a run says otherwise: then a row of the table of operators is wrong. */
async function checkProof({ inputs, run }: SharingQuestion): Promise<Sharing> {
  const proved: Sharing = {
    shared: true,
    reason: 'every operator processes each row independently',
    proof: 'graph',
  };
  const kind = await firstTaken(inputs, run, smallFirst, smallIds);
  if (!kind) return proved;
  const rows = [1, 10, 0.1].map((scale, seed) => sampleRow(inputs, { ...kind, scale, seed }));
  const trouble = await troubleOf(rows, run);
  return trouble === undefined || trouble === 'refused'
    ? proved
    : notShared(`of samples, ${trouble}`, 'samples');
}

async function trySamples({ inputs, run, verdict }: SharingQuestion): Promise<Sharing> {
  const cause = verdict.kind === 'unknown' ? verdict.reason : '';
  const began = performance.now();
  const left = [...openSizes];
  let tried = 0;
  while (tried < sizesTried && left.length > 0 && (tried === 0 || performance.now() - began < maxTryMs)) {
    const kind = await firstTaken(inputs, run, left, wholeLimits);
    if (!kind) break;
    left.splice(0, left.indexOf(kind.openSize) + 1);
    let isTaken = true;
    for (const rows of samplesOf(inputs, kind)) {
      const trouble = await troubleOf(rows, run);
      if (trouble === 'refused') isTaken = false;
      else if (trouble !== undefined) return notShared(`${cause}; of samples, ${trouble}`, 'samples');
    }
    if (isTaken) tried += 1;
    // Without open dimensions all sizes are the same.
    if (inputs.every(({ shape }) => !shape.slice(1).includes(null))) break;
  }
  if (tried === 0) return notShared(`${cause}; the model refused the samples`, 'samples');
  return {
    shared: true,
    reason: `samples gave the same together as one by one (${cause})`,
    proof: 'samples',
  };
}

/** Rows that are unlike each other in every way that has been seen to matter. */
function samplesOf(inputs: readonly TensorInfo[], kind: SampleKind): readonly (readonly ModelTensor[])[][] {
  const row = (change: Partial<SampleKind>) => sampleRow(inputs, { ...kind, ...change });
  const plain = row({ seed: 1 });
  const unlike = [
    plain,
    row({ seed: 2, scale: 1e3 }),
    row({ seed: 3, scale: 1e-3 }),
    row({ pattern: 'zero' }),
    plain,
    row({ seed: 4, pattern: 'equal', wholeLimit: 2 }),
  ];
  const similar = [5, 6, 7, 8].map((seed) => row({ seed }));
  return [unlike, [...unlike].reverse(), similar, [plain, plain, plain]];
}

/** @returns what speaks against sharing; "refused" where the model does not take a row, which says nothing */
async function troubleOf(
  rows: readonly (readonly ModelTensor[])[],
  run: Model['run'],
): Promise<string | undefined> {
  try {
    const { trouble, slight, compared } = await runChecked(
      rows,
      () => 1,
      [...rows.keys()],
      (records) => run(joinSamples(records)),
    );
    if (compared < rows.length) return 'refused';
    return trouble ?? (slight > maxSlight ? 'answers depend on how many rows there are' : undefined);
  } catch (error) {
    if (isProcessDeath(error)) throw error;
    return 'refused';
  }
}

/** The first kind of sample that the model takes. */
async function firstTaken(
  inputs: readonly TensorInfo[],
  run: Model['run'],
  sizes: readonly number[],
  limits: readonly number[],
): Promise<SampleKind | undefined> {
  const isOpen = inputs.some(({ shape }) => shape.slice(1).includes(null));
  const isWhole = inputs.some(({ type }) => type.includes('int'));
  for (const openSize of isOpen ? sizes : sizes.slice(0, 1))
    for (const wholeLimit of isWhole ? limits : limits.slice(-1)) {
      const kind = { ...plainSample, openSize, wholeLimit };
      const row = sampleRow(inputs, { ...kind, pattern: 'largest' });
      try {
        await run(row);
        return kind;
      } catch (error) {
        if (isProcessDeath(error)) throw error;
        // Another size, or smaller ids.
      }
    }
  return undefined;
}
