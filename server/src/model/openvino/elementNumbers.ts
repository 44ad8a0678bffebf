import type { ElementType } from '../../tensor/elementTypes.ts';
import type { Library, Pointer } from './library.ts';

/** The types that records and results can carry, by OpenVINO's names and those of its model files. Texts are left out: its
 *  C interface has no way to put any in. */
const carried: readonly (readonly [type: ElementType, name: string, precision: string])[] = [
  ['float32', 'f32', 'FP32'],
  ['float64', 'f64', 'FP64'],
  ['float16', 'f16', 'FP16'],
  ['int8', 'i8', 'I8'],
  ['int16', 'i16', 'I16'],
  ['int32', 'i32', 'I32'],
  ['int64', 'i64', 'I64'],
  ['uint8', 'u8', 'U8'],
  ['uint16', 'u16', 'U16'],
  ['uint32', 'u32', 'U32'],
  ['uint64', 'u64', 'U64'],
  ['bool', 'boolean', 'BOOL'],
];

export interface ElementNumbers {
  numberOf(type: ElementType): number;
  /** A name for messages, where it is no type that can be carried. */
  nameOf(number: number): string;
}

/** What numbers this version of the library has for element types: they are places in an enumeration, and moved from one
 *  release to the next. A model with an input of each type is read, and the library asked for its inputs' types. */
export function readElementNumbers(library: Library, core: Pointer): ElementNumbers {
  const model = library.readModelFrom(core, Buffer.from(probe()), null);
  try {
    const names = new Map<number, string>();
    const numbers = new Map<string, number>();
    const ports = new Map(library.ports(model, 'input').map(({ name, type }) => [name, type]));
    for (const [type, name] of carried) {
      const number = ports.get(name);
      if (number === undefined) throw new Error(`OpenVINO does not know the element type ${name}`);
      names.set(number, type);
      numbers.set(type, number);
    }
    return {
      numberOf(type) {
        const number = numbers.get(type);
        if (number === undefined) throw new Error(`OpenVINO takes no ${type}`);
        return number;
      },
      nameOf: (number) => names.get(number) ?? `number ${number} of OpenVINO`,
    };
  } finally {
    library.free('model', model);
  }
}

/** Inputs that go to outputs as they are, in OpenVINO's own format. */
function probe(): string {
  const port = (precision: string, name?: string) =>
    `<port id="0" precision="${precision}"${name === undefined ? '' : ` names="${name}"`}><dim>1</dim></port>`;
  const layers = carried.map(
    ([, name, precision], i) =>
      `<layer id="${2 * i}" name="${name}" type="Parameter" version="opset1">` +
      `<data shape="1" element_type="${name}"/><output>${port(precision, name)}</output></layer>` +
      `<layer id="${2 * i + 1}" name="${name}_" type="Result" version="opset1"><input>${port(precision)}</input></layer>`,
  );
  const edges = carried.map(
    (_, i) => `<edge from-layer="${2 * i}" from-port="0" to-layer="${2 * i + 1}" to-port="0"/>`,
  );
  return `<?xml version="1.0"?><net name="types" version="11"><layers>${layers.join('')}</layers><edges>${edges.join('')}</edges></net>`;
}
