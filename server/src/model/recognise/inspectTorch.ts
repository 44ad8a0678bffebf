import type { ModelType } from '../../../../schemas/runtimes.ts';
import type { ModelFiles } from './modelFiles.ts';
import { holdsTensorsOnly, pickleNames } from './pickleNames.ts';
import { readEntry, readZip, type ZipEntry } from './readZip.ts';

/** What a file of PyTorch is. */
export type TorchKind =
  | { readonly type: Extract<ModelType, 'pytorch' | 'pytorchExport'>; readonly isPickle?: true }
  /** A sentence that says what it is, and what to do. */
  | { readonly trouble: string };

const maxPickleBytes = 16 * 1024 * 1024;
/** Before PyTorch 1.6, files began with this number as a pickle of its own. */
const olderHead = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** Looks what a file of PyTorch is, by the files in its archive and by the opcodes of its pickle; nothing of it is run. */
export async function inspectTorch(path: string, files: ModelFiles): Promise<TorchKind> {
  const head = await files.bytes(path, 0, olderHead.length);
  if (!head || head.length === 0) return { type: 'pytorch' };
  if (head[0] !== 0x50 || head[1] !== 0x4b) return inspectPickle(path, head, files);
  const entries = await readZip(path, files);
  if (!entries) return { trouble: `${path} is cut off: its end is missing. Copy or download it again.` };
  const find = (name: RegExp) => entries.find((entry) => name.test(entry.name));
  if (find(/(?:^|\/)data\/aotinductor\//))
    return {
      trouble: `${path} is a package of AOTInductor, which is compiled for one machine. Save the exported program itself: torch.export.save(program, "model.pt2").`,
    };
  if (find(/(?:^|\/)(?:serialized_exported_program\.json|models\/[^/]+\.json|archive_format)$/))
    return { type: 'pytorchExport' };
  if (find(/(?:^|\/)constants\.pkl$/) && find(/(?:^|\/)code\//)) return { type: 'pytorch' };
  const data = find(/(?:^|\/)data\.pkl$/);
  if (!data) return { trouble: `${path} is a zip archive, and none of PyTorch, whatever its name says.` };
  return inspectSaved(path, data, files);
}

async function inspectSaved(path: string, data: ZipEntry, files: ModelFiles): Promise<TorchKind> {
  const bytes = data.isCompressed ? undefined : await readEntry(path, data, maxPickleBytes, files);
  return kindOf(path, bytes && pickleNames(bytes));
}

async function inspectPickle(path: string, head: Uint8Array, files: ModelFiles): Promise<TorchKind> {
  // What else it may be, others know by its beginning.
  if (head[0] !== 0x80) return { type: 'pytorch' };
  if (!olderHead.every((byte, i) => head[i] === byte)) return { type: 'pytorch', isPickle: true };
  const bytes = (await files.bytes(path, 0, maxPickleBytes)) ?? head;
  // The number, the version and the facts of the machine are pickles of their own before that of the value.
  let at = 0;
  for (let i = 0; i < 3; i++) at = bytes.indexOf(0x2e, at) + 1;
  const start = bytes.indexOf(0x80, at);
  return kindOf(path, start < 0 ? undefined : pickleNames(bytes.subarray(start)));
}

function kindOf(path: string, names: ReadonlySet<string> | undefined): TorchKind {
  if (names && holdsTensorsOnly(names))
    return {
      trouble: `${path} holds the weights of a model without the model (a state dict). Where the model is made, make TorchScript of both: model.load_state_dict(torch.load("${path.replace(/^.*[\\/]/, '')}")) and then torch.jit.script(model.eval()).save("model.pt").`,
    };
  return { type: 'pytorch', isPickle: true };
}
