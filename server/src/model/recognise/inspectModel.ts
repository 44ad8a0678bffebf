import { modelTypeRow, type ModelType } from '../../../../schemas/runtimes.ts';
import { CaffeRefusal, readNet } from '../caffe/readNet.ts';
import type { LocatedModel } from './detectModel.ts';
import { looksEncrypted } from './inspectEncrypted.ts';
import { inspectIr } from './inspectIr.ts';
import { inspectProtobuf } from './inspectProtobuf.ts';
import type { ModelFiles } from './modelFiles.ts';

const headBytes = 512;
/** A network of a thousand layers has a tenth of it. */
const maxNetBytes = 4 * 1024 * 1024;

/** What a file of the wrong kind begins with, whatever its name says. */
const strangers: readonly (readonly [
  test: (text: string, head: Uint8Array) => boolean,
  sentence: string,
  isArchive?: true,
])[] = [
  [
    (text) => text.startsWith('version https://git-lfs.github.com/spec/'),
    'is a pointer of git-lfs and not the model itself. Run "git lfs pull" in its repository',
  ],
  [
    (text) => /^\s*<(?:!doctype html|html[\s>])/i.test(text),
    'is a web page and not a model: the download went to a page, perhaps a login or an error. Download the file itself',
  ],
  [(_, head) => head[0] === 0x1f && head[1] === 0x8b, 'is compressed by gzip. Unpack it: gunzip', true],
  [
    (_, head) => head[0] === 0xfd && head[1] === 0x37 && head[2] === 0x7a,
    'is compressed by xz. Unpack it: unxz',
    true,
  ],
  [(text) => text.slice(257, 262) === 'ustar', 'is a tar archive. Unpack it: tar xf'],
  [(text) => text.startsWith('\x89HDF'), 'is an HDF5 file, such as Keras writes, under another name'],
  [
    (_, head) => looksEncrypted(head),
    'looks encrypted: it holds base64 and nothing else. If it is, write modelEncrypted: true',
  ],
  [(text) => text.startsWith('GGUF'), 'is a language model for llama.cpp under another name'],
];

/** Files of PyTorch are zip archives; pickles may be anything. */
const zipTypes: readonly ModelType[] = ['pytorch', 'pytorchExport', 'pickle'];

/** Looks into the files of a model. @returns what is wrong with them, and what to do */
export async function inspectModel(
  { type, folder, file, weights }: LocatedModel,
  files: ModelFiles,
): Promise<string | undefined> {
  const parts = [file, ...(weights === undefined ? [] : [weights])].map((name) => `${folder}/${name}`);
  for (const path of parts) {
    const head = await files.bytes(path, 0, headBytes);
    if (!head) return `${path} cannot be read. Give the user that starts the job the right to.`;
    if (head.length === 0) {
      // A model without constants has no weights.
      if (path !== parts[0] && type === 'openvino') continue;
      return `${path} is empty (0 bytes). Copy or download it again.`;
    }
    const text = new TextDecoder('latin1').decode(head);
    // Those of joblib may be compressed as they are.
    const stranger = strangers.find(
      ([test, , isArchive]) => !(isArchive && type === 'pickle') && test(text, head),
    );
    if (stranger) return `${path} ${stranger[1]}.`;
    if (text.startsWith('PK\x03\x04') && !zipTypes.includes(type))
      return `${path} is a zip archive. Unpack it.`;
  }
  return inspectType(type, parts as [string, ...string[]], files);
}

async function inspectType(
  type: ModelType,
  [file, weights]: readonly [string, ...string[]],
  files: ModelFiles,
): Promise<string | undefined> {
  const { title } = modelTypeRow(type);
  switch (type) {
    case 'onnx':
    case 'tensorflowSavedModel':
    case 'tensorflowFrozenModel':
      return inspectProtobuf(type, file, files);
    case 'openvino':
      return inspectIr(file, weights, files);
    case 'caffe':
      return inspectCaffe(file, files);
    case 'tensorflowLite': {
      const head = await files.bytes(file, 4, 4);
      return head && new TextDecoder('latin1').decode(head) === 'TFL3'
        ? undefined
        : `${file} is no ${title} model, whatever its name says.`;
    }
    case 'pytorch':
    case 'pytorchExport': {
      const head = await files.bytes(file, 0, 2);
      const isTorch = head?.[0] === 0x80 || (head?.[0] === 0x50 && head[1] === 0x4b);
      return isTorch ? undefined : `${file} is no ${title} model, whatever its name says.`;
    }
    default:
      return undefined;
  }
}

/** Whether every layer of a network of Caffe is one that is converted. */
async function inspectCaffe(file: string, files: ModelFiles): Promise<string | undefined> {
  const bytes = await files.bytes(file, 0, maxNetBytes);
  if (!bytes) return undefined;
  try {
    readNet(new TextDecoder().decode(bytes));
    return undefined;
  } catch (error) {
    if (!(error instanceof CaffeRefusal)) throw error;
    return `${file} ${error.message}`;
  }
}
