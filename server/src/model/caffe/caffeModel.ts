import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** Weights of a layer: float32, row-major. */
export interface CaffeBlob {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Fields of caffe.proto. A layer has its fields under other numbers in the older form (V1LayerParameter). */
const net = { olderLayers: 2, layer: 100 } as const;
const layerFields = { name: 1, blobs: 7 } as const;
const olderLayerFields = { name: 4, blobs: 6 } as const;
/** Of a blob; the first four are the older form of its shape. */
const blobFields = { num: 1, width: 4, data: 5, shape: 7, doubleData: 8 } as const;
/** V0 had the layer within its connection, under this number. */
const oldestLayer = 1;

/** Reads the weights of a `.caffemodel` by the names of the layers that have some, in the form of today and the older one.
 *  @throws Error for what is no such file */
export function readCaffeModel(bytes: Uint8Array): ReadonlyMap<string, readonly CaffeBlob[]> {
  const layers = new Map<string, readonly CaffeBlob[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const isLayer = wire === WireType.LengthDelimited && (number === net.layer || number === net.olderLayers);
    if (!isLayer) {
      reader.skip(wire, number);
      continue;
    }
    const { name, blobs } = readLayer(reader.bytes(), number === net.layer ? layerFields : olderLayerFields);
    if (blobs.length > 0) layers.set(name, blobs);
  }
  return layers;
}

function readLayer(
  bytes: Uint8Array,
  fields: typeof layerFields | typeof olderLayerFields,
): { readonly name: string; readonly blobs: readonly CaffeBlob[] } {
  const reader = new BinaryReader(bytes);
  const blobs: CaffeBlob[] = [];
  let name = '';
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (wire === WireType.LengthDelimited && number === fields.name) name = reader.string();
    else if (wire === WireType.LengthDelimited && number === fields.blobs)
      blobs.push(readBlob(reader.bytes()));
    else if (wire === WireType.LengthDelimited && fields === olderLayerFields && number === oldestLayer)
      throw new Error('it is of the oldest form (V0). Convert it with upgrade_net_proto_binary of Caffe');
    else reader.skip(wire, number);
  }
  return { name, blobs };
}

function readBlob(bytes: Uint8Array): CaffeBlob {
  const reader = new BinaryReader(bytes);
  const older: number[] = [];
  const parts: Float32Array[] = [];
  let dims: readonly number[] | undefined;
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number >= blobFields.num && number <= blobFields.width && wire === WireType.Varint)
      older[number - 1] = reader.int32();
    else if (number === blobFields.shape && wire === WireType.LengthDelimited)
      dims = readShape(reader.bytes());
    else if (number === blobFields.data && wire === WireType.LengthDelimited)
      parts.push(floatsOf(reader.bytes()));
    else if (number === blobFields.data && wire === WireType.Bit32)
      parts.push(Float32Array.of(reader.float()));
    else if (number === blobFields.doubleData && wire === WireType.LengthDelimited)
      parts.push(Float32Array.from(doublesOf(reader.bytes())));
    else reader.skip(wire, number);
  }
  const data = joined(parts);
  dims ??= older.length === 0 ? [data.length] : Array.from({ length: 4 }, (_, i) => older[i] ?? 1);
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (count !== data.length)
    throw new Error(`weights have the shape ${dims.join('×')} and ${data.length} values`);
  return { dims, data };
}

function readShape(bytes: Uint8Array): readonly number[] {
  const reader = new BinaryReader(bytes);
  const dims: number[] = [];
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1 && wire === WireType.Varint) dims.push(Number(reader.int64()));
    else if (number === 1 && wire === WireType.LengthDelimited) {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) dims.push(Number(reader.int64()));
    } else reader.skip(wire, number);
  }
  return dims;
}

/** A copy, since views of floats must begin at multiples of four. */
function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}

function doublesOf(bytes: Uint8Array): Float64Array {
  return new Float64Array(new Uint8Array(bytes).buffer);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0] as Float32Array;
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
