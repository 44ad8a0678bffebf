import type { Tensor } from '../../tensor/tensor.ts';
import { elementsText } from './numbersText.ts';
import type { Prediction } from '../../ask/prediction.ts';

/** The body of `POST /predict`'s answer: `{"predictions": ["<text>", ...]}`, each text being JSON `{"value": "<inner>"}`
 *  whose inner text is JSON `{"data":[...],"shape":[...]}`; for several outputs a list of those; for a filter its own
 *  text; for a record that could not be answered `NaN`.
 *  @param predictions  one per instance
 *  @see client.py of the original, http_json_to_ndarray, which undoes the three layers. Unlike there, several outputs are a
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

/** The quotation mark of the inmost of three layers of JSON. */
const quote = '\\\\\\"';

function escapedOutput({ type, data, shape }: Tensor): string {
  const elements = elementsText(type, data);
  // Only strings hold what needs escaping.
  const text = type === 'string' ? escaped(escaped(elements)) : elements;
  return `{${quote}data${quote}:[${text}],${quote}shape${quote}:[${shape.join()}]}`;
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
