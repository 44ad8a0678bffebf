/** At most `count` bytes from `start`; fewer at the end, none beyond it, undefined where nothing can be read. */
export type ByteSource = (start: number, count: number) => Promise<Uint8Array | undefined>;

export interface ReaderLimits {
  /** Of the file that is read at a time. Weights are stepped over, so large models need few windows. */
  readonly windowBytes: number;
  readonly maxWindows: number;
  /** A model has thousands of nodes; what has far more fields is none. */
  readonly maxFields: number;
}

/** Bytes of a file. An infinite end is that of the file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Field {
  readonly number: number;
  /** Of a whole number, signed; 0 for everything else. */
  readonly value: number;
  /** Of a text, a message, or a number of four or eight bytes; empty for whole numbers. */
  readonly span: Span;
  /** Whether it is a text or a message. */
  readonly isText: boolean;
}

/** The file is no protobuf, cannot be read, or goes beyond the limits. */
export class NotReadable extends Error {}

/** Steps from field to field through a protobuf file, and reads only around the fields' beginnings. Protobuf libraries
 *  want the whole message in memory, and a model is one message with all its weights. */
export class FieldReader {
  readonly #source: ByteSource;
  readonly #limits: ReaderLimits;
  #window: Uint8Array = new Uint8Array();
  #windowStart = 0;
  #windows = 0;
  #fields = 0;
  #at = 0;

  constructor(source: ByteSource, limits: ReaderLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  /** Visits the fields of a message in the order of the file, until a visit returns false.
   *  @throws NotReadable */
  async each(
    { start, end }: Span,
    visit: (field: Field) => Promise<void> | false | undefined,
  ): Promise<void> {
    let at = start;
    while (at < end) {
      // A header is two numbers of at most ten bytes. A promise for each field of a large model would be felt.
      if (!this.#holds(at, 20) && !(await this.#load(at)) && end === Infinity) return;
      const field = this.#field(at);
      const next = this.#at;
      if (next > end) throw new NotReadable();
      const visited = visit(field);
      if (visited === false) return;
      if (visited) await visited;
      at = next;
    }
  }

  /** The first text or message with a number. */
  async find(span: Span, number: number): Promise<Span | undefined> {
    let found: Span | undefined;
    await this.each(span, (field) => {
      if (field.number !== number || !field.isText) return undefined;
      found = field.span;
      return false;
    });
    return found;
  }

  /** A short text; '' where there is none. */
  async text(span: Span | undefined): Promise<string> {
    if (!span || span.end - span.start > 1_000) return '';
    return new TextDecoder().decode(await this.bytes(span));
  }

  /** @param span  of no more than a window. @throws NotReadable */
  async bytes({ start, end }: Span): Promise<Uint8Array> {
    const count = end - start;
    if (count > this.#limits.windowBytes) throw new NotReadable();
    if (!this.#holds(start, count)) await this.#load(start);
    const from = start - this.#windowStart;
    return this.#window.subarray(from, from + count);
  }

  /** The numbers of a packed field. */
  async packed(span: Span): Promise<number[]> {
    const numbers: number[] = [];
    await this.bytes(span);
    for (this.#at = span.start; this.#at < span.end;) numbers.push(this.#number());
    return numbers;
  }

  #field(start: number): Field {
    if (++this.#fields > this.#limits.maxFields) throw new NotReadable();
    this.#at = start;
    const tag = this.#number();
    const number = Math.floor(tag / 8);
    if (number <= 0) throw new NotReadable();
    switch (tag % 8) {
      case 0:
        return { number, value: this.#number(), span: { start, end: start }, isText: false };
      case 1:
        return this.#bytesField(number, 8, false);
      case 2:
        return this.#bytesField(number, this.#number(), true);
      case 5:
        return this.#bytesField(number, 4, false);
      default:
        throw new NotReadable();
    }
  }

  #bytesField(number: number, size: number, isText: boolean): Field {
    if (size < 0) throw new NotReadable();
    const span = { start: this.#at, end: this.#at + size };
    this.#at = span.end;
    return { number, value: 0, span, isText };
  }

  /** A base-128 number; ten bytes are a negative one. Those beyond 2^53 lose digits, which no size or type has. */
  #number(): number {
    let value = 0;
    for (let shift = 0; shift < 10; shift++) {
      const byte = this.#window[this.#at++ - this.#windowStart];
      if (byte === undefined) throw new NotReadable();
      if (shift === 9) return this.#negative();
      value += (byte & 127) * 2 ** (7 * shift);
      if (byte < 128) return value;
    }
    throw new NotReadable();
  }

  #negative(): number {
    let value = 0n;
    const start = this.#at - 10 - this.#windowStart;
    for (let i = 0; i < 10; i++) value |= BigInt((this.#window[start + i] ?? 0) & 127) << BigInt(7 * i);
    return Number(BigInt.asIntN(64, value));
  }

  /** Whether the window holds these bytes, as far as the file has them. */
  #holds(start: number, count: number): boolean {
    const end = this.#windowStart + this.#window.length;
    const isLast = this.#window.length < this.#limits.windowBytes && this.#windows > 0;
    return start >= this.#windowStart && (start + count <= end || (isLast && start < end));
  }

  /** Moves the window. @returns whether the file has any bytes there */
  async #load(start: number): Promise<boolean> {
    if (++this.#windows > this.#limits.maxWindows) throw new NotReadable();
    const bytes = await this.#source(start, this.#limits.windowBytes);
    if (!bytes) throw new NotReadable();
    this.#window = bytes;
    this.#windowStart = start;
    return bytes.length > 0;
  }
}
