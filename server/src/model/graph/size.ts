/** A size of a tensor, or a number made of sizes: a factor times named sizes that the file leaves open. */
export interface Size {
  readonly factor: number;
  /** Sorted. */
  readonly names: readonly string[];
}

/** The number of rows of a run. No name in a file has a NUL. */
const rowsName = '\0rows';

export const rowCount: Size = { factor: 1, names: [rowsName] };
export const one: Size = { factor: 1, names: [] };

export function size(value: number): Size {
  return { factor: value, names: [] };
}

export function named(name: string): Size {
  return { factor: 1, names: [name] };
}

/** What is computed from sizes by more than a product: equal computations have equal names. */
export function computed(how: string, ...from: readonly Size[]): Size {
  return named(short(`${how}(${from.map(keyOf).join(',')})`));
}

const maxNameLength = 256;
const maxNames = 16;

/** Computations of computations would grow without end: a long name becomes a hash of it, and keeps the signs of what it is
 *  made of. */
function short(name: string): string {
  if (name.length <= maxNameLength) return name;
  const signs = [rowsName, 'sub(', 'neg(', '-'].filter((sign) => name.includes(sign)).join('');
  return `long(${signs}${hash(name, 0)}${hash(name, 1)})`;
}

/** @see FNV-1a */
function hash(text: string, seed: number): string {
  let value = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(36);
}

export function keyOf({ factor, names }: Size): string {
  return [factor, ...names].join('·');
}

export function isEqual(a: Size, b: Size): boolean {
  return (
    a.factor === b.factor && a.names.length === b.names.length && a.names.every((n, i) => n === b.names[i])
  );
}

/** The number that it is, whatever the model is fed with. */
export function numberOf({ factor, names }: Size): number | undefined {
  return names.length === 0 || factor === 0 ? factor : undefined;
}

export function isNumber(from: Size, value: number): boolean {
  return numberOf(from) === value;
}

export function dependsOnRows({ factor, names }: Size): boolean {
  return factor !== 0 && names.some((name) => name.includes(rowsName));
}

export function times(...sizes: readonly Size[]): Size {
  const factor = sizes.reduce((product, each) => product * each.factor, 1);
  const names = sizes.flatMap((each) => each.names).sort();
  return { factor, names: names.length > maxNames ? [short(`product(${names.join()})`)] : names };
}

/** Undefined where it is not known to be without remainder. */
export function dividedBy(a: Size, b: Size): Size | undefined {
  const names = [...a.names];
  for (const name of b.names) {
    const at = names.indexOf(name);
    if (at === -1) return undefined;
    names.splice(at, 1);
  }
  const factor = a.factor / b.factor;
  return Number.isInteger(factor) && b.factor !== 0 ? { factor, names } : undefined;
}

/** Takes the number of rows out of a product, once; undefined where it is not in it, or in it twice, or in a name. */
export function withoutRows(from: Size): Size | undefined {
  const rest = dividedBy(from, rowCount);
  return rest && !dependsOnRows(rest) ? rest : undefined;
}
