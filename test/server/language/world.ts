import { expect } from 'vitest';
import type { Problem } from '../../../schemas/config/problems.ts';
import { lineColumn } from '../../../server/src/config/lines.ts';
import { configText, type ConfigText } from '../../../server/src/language/configText.ts';
import { diagnose } from '../../../server/src/language/diagnose.ts';
import type { Files } from '../../../server/src/language/files.ts';
import { zipOf } from '../../support/zip.ts';
import { createWorkspace, factsOf, type Workspace } from '../../../server/src/language/workspace.ts';

export const uri = 'file:///work/serving/config.yaml';

/** A world of a few files: a path that ends with a slash is an empty folder; folders of files come by themselves. The
 *  value of a file is its bytes as text, an empty one those of a sound file of its kind; `null` stands for what cannot be
 *  read. */
export function inMemory(
  contents: Readonly<Record<string, string | null>> = {},
  { hasOpenvino = true, lacking = [] as readonly string[], hasPython = true } = {},
): Files {
  const normal = (path: string) =>
    `/${path
      .split('/')
      .reduce<string[]>(
        (parts, part) =>
          part === '..' ? parts.slice(0, -1) : part === '' || part === '.' ? parts : [...parts, part],
        [],
      )
      .join('/')}`;
  return {
    resolve: (from, path) =>
      normal(path.startsWith('/') ? path : `${from.replace(/^file:\/\//, '')}/../${path}`),
    uriOf: (path) => `file://${path}`,
    lackingModules: (python = '/usr/bin/python3') =>
      Promise.resolve(lacking.length === 0 ? undefined : { python, modules: lacking }),
    hasRuntime: (name) => Promise.resolve(name === 'python' ? hasPython : name !== 'openvino' || hasOpenvino),
    look(path) {
      const content = contents[path];
      if (content === null) return Promise.resolve({ kind: 'unreadable' });
      if (content !== undefined) return Promise.resolve({ kind: 'file' });
      const below = Object.keys(contents).filter((name) => name.startsWith(path === '/' ? '/' : `${path}/`));
      if (below.length === 0) return Promise.resolve({ kind: 'missing' });
      const names = below.map((name) => /^[^/]*\/?/.exec(name.slice(path.length + 1))?.[0] ?? '');
      return Promise.resolve({ kind: 'folder', names: [...new Set(names)].filter((name) => name !== '') });
    },
    bytes: (path, start, count) =>
      Promise.resolve(
        contents[path] === undefined || contents[path] === null
          ? undefined
          : Uint8Array.from((contents[path] || soundFile(path)).slice(start, start + count), (character) =>
              character.charCodeAt(0),
            ),
      ),
  };
}

/** A workspace of configs, by URI. */
export function workspaceOf(configs: Readonly<Record<string, string>>): Workspace {
  const workspace = createWorkspace();
  for (const [name, text] of Object.entries(configs))
    workspace.set(factsOf(name, configText(name, text).read));
  return workspace;
}

/** Takes the `$0` out of a text. */
export function atCursor(marked: string): { config: ConfigText; offset: number } {
  const offset = marked.indexOf('$0');
  return { config: configText(uri, marked.replace('$0', '')), offset };
}

/** Diagnoses a drawn config: a line of carets points at the line above it and names severity and code. Only problems of
 *  the world are compared; problems of the text alone are drawn in the tests of the config room. */
export async function check(
  drawing: string,
  { files = inMemory(), workspace = createWorkspace() }: { files?: Files; workspace?: Workspace } = {},
): Promise<void> {
  const lines = drawing.replace(/^\n/, '').split('\n');
  const text = lines.filter((line) => !isDrawing(line)).join('\n');
  const config = configText(uri, text);
  const problems = await diagnose(config, { files, workspace });
  const ofText = new Set(config.read.problems.map((problem) => JSON.stringify(problem)));
  const ofWorld = problems.filter((problem) => !ofText.has(JSON.stringify(problem)));
  expect(ofWorld.map((problem) => draw(text, problem))).toEqual(expected(lines));
}

function isDrawing(line: string): boolean {
  return /^# *\^/.test(line);
}

function expected(lines: readonly string[]): string[] {
  let number = 0;
  return lines.flatMap((line) => {
    if (!isDrawing(line)) {
      number++;
      return [];
    }
    const [, blanks = '', marks = '', rest = ''] = /^#( *)(\^+) (.*)$/.exec(line) ?? [];
    const start = blanks === '' ? 0 : 1 + blanks.length;
    return [`${number}:${start}-${1 + blanks.length + marks.length} ${rest}`];
  });
}

function draw(text: string, { range, severity, code }: Problem): string {
  const { line, column } = lineColumn(text, range.start);
  return `${line}:${column - 1}-${column - 1 + range.end - range.start} ${severity} ${code}`;
}

const torchScript = zipOf({ 'net/data.pkl': 'x', 'net/code/net.py': 'x', 'net/constants.pkl': 'x' }).toString(
  'latin1',
);

function soundFile(path: string): string {
  if (path.endsWith('.onnx')) return '\x08\x08\x3a\x00';
  if (path.endsWith('saved_model.pb')) return '\x08\x01\x12\x00';
  if (path.endsWith('.pb')) return '\x0a\x00';
  if (path.endsWith('.tflite')) return '\0\0\0\0TFL3';
  if (path.endsWith('.xml')) return '<net ></net>';
  if (path.endsWith('.pt')) return torchScript;
  if (path.endsWith('.pkl')) return '\x80\x04.';
  if (path.endsWith('model.py')) return 'def predict(inputs):\n    return inputs\n';
  return /\.(?:bin|model|prototxt|caffemodel)$/.test(path) ? 'x' : '';
}
