/** An element of an output; null stands for what JSON has no word for: NaN and infinities. */
export type Element = number | string | boolean | null;

/** One output of a model, row-major. */
export interface Output {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly Element[];
}

/** What became of one record. */
export type Outcome =
  | { readonly outputs: readonly Output[] }
  /** What the job's filter has made of the outputs. */
  | { readonly filtered: unknown }
  | { readonly error: string; readonly code?: string };

/** Reads an answer of `POST /predict` or `.../predict`.
 *  @param names  of the model's outputs, in its order; empty while they are not known
 *  @returns one outcome for each record that was sent; one alone where all failed together */
export function readAnswer(status: number, text: string, names: readonly string[]): readonly Outcome[] {
  const body = parsed(text);
  if (status !== 200) return [refusal(status, body, text)];
  const predictions =
    isObject(body) && Array.isArray(body.predictions) ? (body.predictions as unknown[]) : undefined;
  if (!predictions) return [{ error: `The answer is no list of predictions: ${text.slice(0, 200)}` }];
  return predictions.map((prediction) => readPrediction(prediction, names));
}

/** Reads a line of `predict --json`. */
export function readLine(line: Readonly<Record<string, unknown>>, names: readonly string[]): Outcome {
  const { outputs, filtered, error, reason } = line;
  if (typeof error === 'string')
    return typeof reason === 'string' ? { error: reason, code: error } : { error };
  if (filtered !== undefined) return { filtered };
  return Array.isArray(outputs) ? tensors(outputs, names) : { error: 'The answer holds no outputs.' };
}

/** @returns how the server explains it, else its status */
function refusal(status: number, body: unknown, text: string): Outcome {
  if (isObject(body) && typeof body.error === 'string')
    return { error: body.error, ...(typeof body.code === 'string' ? { code: body.code } : {}) };
  return { error: text.slice(0, 500) || `The server answers ${status}.`, code: String(status) };
}

/** Three layers of JSON, as the original writes them: a text, its value, and the tensors in that. */
function readPrediction(prediction: unknown, names: readonly string[]): Outcome {
  const outer = typeof prediction === 'string' ? parsed(prediction) : undefined;
  const value = isObject(outer) ? outer.value : undefined;
  if (typeof value !== 'string') return { error: 'The worker has given no prediction for this record.' };
  const inner = parsed(value);
  if (inner === undefined) return { filtered: value };
  const list = isTensor(inner) ? [inner] : inner;
  return Array.isArray(list) && list.length > 0 && list.every(isTensor)
    ? tensors(list, names)
    : { filtered: inner };
}

function tensors(list: readonly unknown[], names: readonly string[]): Outcome {
  return {
    outputs: list.filter(isTensor).map(({ shape, data }, i) => ({
      name: names[i] ?? (list.length === 1 ? 'output' : `output ${i}`),
      shape,
      data,
    })),
  };
}

function isTensor(value: unknown): value is Omit<Output, 'name'> {
  return isObject(value) && Array.isArray(value.shape) && Array.isArray(value.data);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
