import type { ResultTensor } from '../codec/decodeResult.ts';
import type { Prediction } from './predictor.ts';

/** The body of `POST /predict`'s answer: `{"predictions": ["<text>", ...]}`, each text being JSON `{"value": "<inner>"}`
 *  whose inner text is JSON `{"data":[...],"shape":[...]}`; for several outputs a list of those; for a filter its own
 *  text; for a record that could not be answered `NaN`.
 *  @param predictions  one per instance
 *  @see client.py of the original, http_json_to_ndarray, which undoes the three layers. Ours: several outputs are a
 *    JSON list, where the original writes the objects one after the other. */
export function predictionsBody(predictions: readonly Prediction[]): string {
  return `{"predictions":[${predictions.map(predictionText).join(',')}]}`;
}

function predictionText(prediction: Prediction): string {
  if (typeof prediction === 'string') return JSON.stringify(JSON.stringify({ value: prediction }));
  // Written in its escaped form at once: three passes of JSON.stringify cost more than the rest of the answer.
  const inner = prediction.map(escapedOutput).join(',');
  return `"{\\"value\\":\\"${prediction.length === 1 ? inner : `[${inner}]`}\\"}"`;
}

const quote = '\\\\\\"';

function escapedOutput({ data, shape }: ResultTensor): string {
  return `{${quote}data${quote}:[${numbersText(data)}],${quote}shape${quote}:[${shape.join()}]}`;
}

/** Float32 numbers as JSON, with digits enough to read the same float32 back; what JSON has no word for is null. */
export function numbersText(data: Float32Array): string {
  let text = '';
  for (let i = 0; i < data.length; i++) {
    if (i > 0) text += ',';
    text += numberText(data[i] ?? NaN);
  }
  return text;
}

/** Seven to nine decimals are mostly enough for a number of this size, and rounding to them costs half of what rounding
 *  to digits does. */
const [leastRounded, mostRounded] = [1e-2, 1e4];
const decimals = [1e7, 1e8, 1e9];

/** Not always the fewest digits, which would take several times as long to find; mostly seven or eight. */
function numberText(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) < 1e21 ? `${String(value)}.0` : String(value);
  if (!Number.isFinite(value)) return 'null';
  const size = Math.abs(value);
  if (size >= leastRounded && size < mostRounded)
    for (const scale of decimals) {
      const candidate = Math.round(value * scale) / scale;
      if (Math.fround(candidate) === value) return String(candidate);
    }
  for (let digits = 7; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return String(candidate);
  }
  return String(Number(value.toPrecision(9)));
}
