import { shellWord } from '../../schemas/programs/shellWord.ts';

export const snippetLanguages = ['curl', 'Python', 'JavaScript'] as const;
export type SnippetLanguage = (typeof snippetLanguages)[number];

/** A request as a program of the user's sends it. */
export interface SnippetRequest {
  /** Of the predictions. */
  readonly url: string;
  readonly body:
    | {
        readonly kind: 'image';
        readonly fileName: string;
        /** Such as `image/png`. */
        readonly type: string;
      }
    | { readonly kind: 'json'; readonly text: string };
  /** The server wants its key, which stays out of the text: it is taken from the environment. */
  readonly hasKey: boolean;
}

/** The variable that the frontend itself takes its key from. */
const keyVariable = 'CLUSTER_SERVING_API_KEY';
/** A longer body stands in a file: it is no text to look at, and a shell refuses much of it. */
const longestBody = 4_000;
const bodyFile = 'request.json';

/** The same request, ready to run where the file is. */
export function snippetOf(language: SnippetLanguage, request: SnippetRequest): string {
  switch (language) {
    case 'curl':
      return curl(request);
    case 'Python':
      return python(request);
    case 'JavaScript':
      return javascript(request);
  }
}

interface Body {
  readonly type: string;
  /** Where the body is read from; absent where it stands in the text. */
  readonly file?: string;
  readonly text: string;
}

function bodyOf({ body }: SnippetRequest): Body {
  if (body.kind === 'image') return { type: body.type, file: body.fileName, text: '' };
  const file = body.text.length > longestBody ? { file: bodyFile } : {};
  return { type: 'application/json', ...file, text: body.text };
}

function curl(request: SnippetRequest): string {
  const { type, file, text } = bodyOf(request);
  const data =
    file === undefined ? `--data-raw ${shellWord(text)}` : `--data-binary ${shellWord(`@${file}`)}`;
  const lines = [
    `curl ${shellWord(request.url)}`,
    `-H 'content-type: ${type}'`,
    // The shell fills in the variable within double quotes.
    ...(request.hasKey ? [`-H "authorization: Bearer $${keyVariable}"`] : []),
    data,
  ];
  return `${saving(file, '#')}${lines.join(' \\\n  ')}\n`;
}

function python(request: SnippetRequest): string {
  const { type, file, text } = bodyOf(request);
  // A text of JSON in quotation marks means the same in Python.
  const data =
    file === undefined ? `${JSON.stringify(text)}.encode()` : `open(${JSON.stringify(file)}, "rb").read()`;
  const key = request.hasKey ? `, "authorization": "Bearer " + os.environ["${keyVariable}"]` : '';
  return `${saving(file, '#')}import json
${request.hasKey ? 'import os\n' : ''}import urllib.request

request = urllib.request.Request(
    ${JSON.stringify(request.url)},
    data=${data},
    headers={"content-type": ${JSON.stringify(type)}${key}},
)
with urllib.request.urlopen(request) as response:
    predictions = json.load(response)["predictions"]
print([json.loads(prediction)["value"] for prediction in predictions])
`;
}

function javascript(request: SnippetRequest): string {
  const { type, file, text } = bodyOf(request);
  const data = file === undefined ? JSON.stringify(text) : `readFileSync(${JSON.stringify(file)})`;
  const key = request.hasKey ? `, authorization: \`Bearer \${process.env.${keyVariable}}\`` : '';
  return `${saving(file, '//')}${file === undefined ? '' : "import { readFileSync } from 'node:fs';\n\n"}const response = await fetch(${JSON.stringify(request.url)}, {
  method: 'POST',
  headers: { 'content-type': ${JSON.stringify(type)}${key} },
  body: ${data},
});
const { predictions, error } = await response.json();
if (error !== undefined) throw new Error(error);
console.log(predictions.map((prediction) => JSON.parse(prediction).value));
`;
}

/** What to do first where the body is too long to stand in the text. */
function saving(file: string | undefined, comment: string): string {
  return file === bodyFile ? `${comment} Save the body of the request as ${bodyFile} first.\n` : '';
}
