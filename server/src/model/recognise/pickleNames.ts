const noBytes = '().012NQR]abdelostu}\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98';

/** How many bytes follow an opcode that has a fixed number of them. @see Python's pickletools */
const fixedBytes = byCode({ 0: noBytes, 1: 'Khq\x80\x82', 2: 'M\x83', 4: 'Jjr\x84', 8: 'G\x95' });
/** How long the number is that says how many bytes follow. */
const countBytes = byCode({ 1: 'UC\x8c\x8a', 4: 'TBX\x8b', 8: '\x8d\x8e\x96' });
/** Opcodes that are followed by a line. */
const lines = byCode({ 1: 'FIPSVLgp' });
/** Opcodes that push a text. */
const texts = byCode({ 1: 'XUT\x8c\x8d' });

const [proto, global, inst, stop] = ['\x80', 'c', 'i', '.'].map(codeOf) as [number, number, number, number];
const [stackGlobal, memoize, binget] = ['\x93', '\x94', 'h'].map(codeOf) as [number, number, number];
const newline = 0x0a;

function codeOf(letter: string): number {
  return letter.charCodeAt(0);
}

function byCode(groups: Readonly<Record<number, string>>): ReadonlyMap<number, number> {
  return new Map(
    Object.entries(groups).flatMap(([value, letters]) =>
      letters.split('').map((letter) => [codeOf(letter), Number(value)] as const),
    ),
  );
}

/** The names that a pickle looks up when it is loaded, such as `collections.OrderedDict`, read from its opcodes: nothing of
 *  it is run. @returns those up to the end, or up to what is no opcode; undefined for what is no pickle */
export function pickleNames(bytes: Uint8Array): ReadonlySet<string> | undefined {
  if (bytes[0] !== proto) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const decoder = new TextDecoder();
  const textOf = (from: number, to: number) => decoder.decode(bytes.subarray(from, to));
  const names = new Set<string>();
  const memo: string[] = [];
  /** The texts that were pushed last: names of later protocols are made of two. */
  let pushed: readonly [string, string] = ['', ''];
  let at = 0;
  while (at < bytes.length) {
    const code = bytes[at] as number;
    at += 1;
    if (code === stop) break;
    if (code === global || code === inst) {
      const end = bytes.indexOf(newline, bytes.indexOf(newline, at) + 1);
      if (end < 0) break;
      names.add(textOf(at, end).replace('\n', '.'));
      at = end + 1;
    } else if (lines.has(code)) {
      const end = bytes.indexOf(newline, at);
      if (end < 0) break;
      at = end + 1;
    } else if (countBytes.has(code)) {
      const size = countBytes.get(code) as number;
      if (at + size > bytes.length) break;
      const from = at + size;
      const to = from + countAt(view, at, size);
      if (texts.has(code)) pushed = [pushed[1], textOf(from, to)];
      at = to;
    } else {
      const count = fixedBytes.get(code);
      if (count === undefined || at + count > bytes.length) break;
      if (code === stackGlobal) names.add(pushed.join('.'));
      if (code === memoize) memo.push(pushed[1]);
      if (code === binget) pushed = [pushed[1], memo[view.getUint8(at)] ?? pushed[1]];
      at += count;
    }
  }
  return names;
}

function countAt(view: DataView, at: number, size: number): number {
  if (size === 1) return view.getUint8(at);
  return size === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

/** What state dicts are made of: tensors, and plain containers of them. */
const plain = [
  /^collections\.(?:OrderedDict|defaultdict)$/,
  /^(?:__builtin__|builtins)\.(?:int|float|complex|bool|str|bytes|bytearray|set|frozenset|dict|list|tuple|slice|range)$/,
  /^torch\._utils\._rebuild_\w+$/,
  /^torch\._tensor\._rebuild_\w+$/,
  /^torch\.storage\.\w+$/,
  /^torch\.(?:\w*Storage|Size|device|dtype|Tensor|bool|(?:b?float|u?int|complex)\d*|double|half|long|short)$/,
  /^torch\.nn\.parameter\.Parameter$/,
  /^torch\.serialization\._get_layout$/,
  /^numpy\.(?:dtype|ndarray)$/,
  /^numpy\.(?:_?core\.)+multiarray\.(?:scalar|_reconstruct)$/,
  /^_codecs\.encode$/,
  /^argparse\.Namespace$/,
];

/** Whether a pickle of PyTorch holds tensors alone, and no module that could be run. */
export function holdsTensorsOnly(names: ReadonlySet<string>): boolean {
  return [...names].every((name) => plain.some((pattern) => pattern.test(name)));
}
