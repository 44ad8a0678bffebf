import type { OffsetRange } from './doneOffsets.ts';

/** What the owner of a partition notes beside the committed offset, for the next one. */
export interface PartitionNotes {
  /** What is done at or beyond the committed offset, in order. */
  readonly answered: readonly OffsetRange[];
  /** Records below this may have been handed out by the owner. */
  readonly reach: number;
  /** Records of the partition that the model has. */
  readonly running: readonly number[];
  /** The process that has them, by a name that no other process has, so that a death is none where it turns up again; empty
   *  where nothing runs, or an older version wrote the notes. */
  readonly owner: string;
  /** The model has more than those: its death then counts against none of them. */
  readonly amongOthers: boolean;
  /** Records that the model had when a worker died, and how many deaths count against each. */
  readonly deaths: ReadonlyMap<number, number>;
  /** Deaths that had another cause than the record that the model had alone, and when that was seen last, in ms since 1970. */
  readonly stray: { readonly count: number; readonly at: number };
}

/** Brokers take this much for each partition unless they are set otherwise (`offset.metadata.max.bytes`), in bytes. */
export const maxNotesBytes = 4096;
const maxRunning = 256;
const maxDeaths = 128;

export const noNotes: PartitionNotes = {
  answered: [],
  reach: 0,
  running: [],
  owner: '',
  amongOthers: false,
  deaths: new Map(),
  stray: { count: 0, at: 0 },
};

/* The text begins with a mark and has parts with blanks between, each a letter and numbers in base 36. Offsets count from the
   committed one, ranges from the end of the range before. */
const mark = 'cs1';

/** The notes as the text of a commit, at most `maxNotesBytes` long: what does not fit is left out from the end. Of ranges that
 *  means that those records are answered twice if the worker dies; of records that no death counts against them.
 *  @param committed  the offset that is committed with it */
export function writeNotes(committed: number, notes: PartitionNotes): string {
  const { running, reach, stray } = notes;
  const relative = (offset: number) => text(offset - committed);
  const parts: string[] = [mark];
  if (reach > committed) parts.push(`r${relative(reach)}`);
  if (stray.count > 0) parts.push(`s${text(stray.count)}@${text(stray.at)}`);
  const some = running.filter((offset) => offset >= committed).slice(0, maxRunning);
  if (some.length > 0) {
    const among = notes.amongOthers || some.length < running.length;
    parts.push(`m${some.map(relative).join('.')}${among ? '*' : ''}`);
    if (notes.owner !== '') parts.push(`o${notes.owner}`);
  }
  const deaths = [...notes.deaths].filter(([offset]) => offset >= committed).slice(0, maxDeaths);
  if (deaths.length > 0)
    parts.push(`d${deaths.map(([offset, count]) => `${relative(offset)}:${text(count)}`).join('.')}`);
  const room = maxNotesBytes - parts.join(' ').length - ' a'.length;
  const answered = writeRanges(committed, notes.answered, room);
  if (answered !== '') parts.push(`a${answered}`);
  return parts.length === 1 ? '' : parts.join(' ');
}

function writeRanges(committed: number, ranges: readonly OffsetRange[], room: number): string {
  let written = '';
  let end = committed;
  for (const { from, to } of ranges) {
    const one = `${written === '' ? '' : '.'}${text(from - end)}+${text(to - from)}`;
    if (written.length + one.length > room) break;
    written += one;
    end = to;
  }
  return written;
}

/** Reads the text of a commit. Of a text that another program wrote, or that is damaged, there are no notes. */
export function readNotes(committed: number, textOfCommit: string): PartitionNotes {
  const [first, ...parts] = textOfCommit.split(' ');
  if (first !== mark) return noNotes;
  const partOf = (letter: string) => parts.find((part) => part.startsWith(letter))?.slice(1) ?? '';
  const listOf = (part: string) => (part === '' ? [] : part.split('.'));
  const running = partOf('m');
  const [count = '', at = ''] = partOf('s').split('@');
  const pairs = listOf(partOf('d')).map((one) => one.split(':'));
  const notes = {
    reach: committed + number(partOf('r')),
    running: listOf(running.replace('*', '')).map((one) => committed + number(one)),
    owner: partOf('o'),
    amongOthers: running.endsWith('*'),
    deaths: new Map(pairs.map(([offset = '', deaths = '']) => [committed + number(offset), number(deaths)])),
    stray: { count: number(count), at: number(at) },
    answered: readRanges(committed, listOf(partOf('a'))),
  };
  const all = [notes.reach, notes.stray.count, notes.stray.at, ...notes.running, ...[...notes.deaths].flat()];
  const isWhole = [...all, ...notes.answered.flatMap(({ from, to }) => [from, to])].every(
    Number.isSafeInteger,
  );
  return isWhole ? notes : noNotes;
}

function readRanges(committed: number, ranges: readonly string[]): readonly OffsetRange[] {
  let end = committed;
  return ranges.map((range) => {
    const [gap = '', length = ''] = range.split('+');
    const from = end + number(gap);
    end = from + number(length);
    return { from, to: end };
  });
}

/** What of the records beyond a committed offset is done. */
export function answeredBeyond(
  committed: bigint,
  textOfCommit: string,
): { readonly count: number; readonly has: (offset: bigint) => boolean } {
  const { answered } = readNotes(Number(committed), textOfCommit);
  return {
    count: answered.reduce((sum, { from, to }) => sum + to - from, 0),
    has: (offset) => answered.some(({ from, to }) => BigInt(from) <= offset && offset < BigInt(to)),
  };
}

function text(value: number): string {
  return value.toString(36);
}

/** NaN for what is no number; 0 for nothing. */
function number(digits: string): number {
  if (digits === '') return 0;
  return /^[0-9a-z]{1,11}$/.test(digits) ? parseInt(digits, 36) : NaN;
}
