import { shellWord } from '../../../schemas/programs/shellWord.ts';
import type { ConfigFacts } from '../../../schemas/editor/languageMessages.ts';

export type SnippetLanguage = 'python' | 'curl' | 'javascript';

export interface SnippetInput {
  readonly name: string;
  /** One record; dimensions that are not fixed are null, the first of a batched model is the batch. */
  readonly shape: readonly (number | null)[];
}

export interface SnippetOptions {
  readonly facts: Pick<ConfigFacts, 'jobName' | 'redisHost' | 'redisPort'>;
  /** Where the HTTP frontend listens. */
  readonly httpUrl: string;
  /** The model's first input, if a worker has reported it. */
  readonly input?: SnippetInput;
}

/** A client for a config, ready to run: the stream, the address and the input are filled in. */
export function clientSnippet(language: SnippetLanguage, { facts, httpUrl, input }: SnippetOptions): string {
  const name = input?.name ?? 'input';
  const shape = (input?.shape ?? [1, 3]).slice(1).map((size) => size ?? 1);
  const url = `${httpUrl.replace(/\/$/, '')}/predict`;
  switch (language) {
    case 'python':
      return python(facts, name, shape);
    case 'curl':
      // The quoting of a POSIX shell: within single quotes only they themselves are special.
      return `curl -X POST ${url} -H 'content-type: application/json' -d ${shellWord(bodyOf(name, shape))}\n`;
    case 'javascript':
      return `const response = await fetch(${JSON.stringify(url)}, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(${bodyOf(name, shape)}),
});
const { predictions } = await response.json();
console.log(predictions.map((prediction) => JSON.parse(JSON.parse(prediction).value)));
`;
  }
}

function python(
  { jobName, redisHost, redisPort }: SnippetOptions['facts'],
  name: string,
  shape: readonly number[],
): string {
  const address = `host=${JSON.stringify(redisHost)}, port=${JSON.stringify(redisPort)}, name=${JSON.stringify(jobName)}`;
  const isWord = /^[A-Za-z_]\w*$/.test(name);
  const tensor = `np.zeros((${shape.join(', ')}${shape.length === 1 ? ',' : ''}), dtype=np.float32)`;
  const record = isWord ? `${name}=${tensor}` : `**{${JSON.stringify(name)}: ${tensor}}`;
  return `import time

import numpy as np
from bigdl.serving.client import InputQueue, OutputQueue

inputs = InputQueue(${address})
outputs = OutputQueue(${address})
inputs.enqueue("record-1", ${record})
result = "[]"
while isinstance(result, str) and result == "[]":
    result = outputs.query("record-1")
    time.sleep(0.001)
print(result)
`;
}

function bodyOf(name: string, shape: readonly number[]): string {
  return JSON.stringify({ instances: [{ [name]: zeros(shape) }] });
}

type Nested = number | Nested[];

function zeros([size, ...rest]: readonly number[]): Nested {
  return size === undefined ? 0 : Array.from({ length: size }, () => zeros(rest));
}
