import { loadKoffi } from './loadKoffi.ts';

/** An address in the library's memory. */
export type Pointer = bigint;

/** OpenVINO's C library, as far as it is used. Every call throws what the library says when it fails.
 *  @see openvino/c/*.h of the installed version */
export interface Library {
  readonly version: string;
  createCore(): Pointer;
  readModel(core: Pointer, path: string, weights: string | null): Pointer;
  /** @param weights  a tensor of bytes, or null. The model goes on using their memory. */
  readModelFrom(core: Pointer, text: Uint8Array, weights: Pointer | null): Pointer;
  ports(model: Pointer, kind: 'input' | 'output'): readonly Port[];
  compile(core: Pointer, model: Pointer, settings: Readonly<Record<string, string>>): Pointer;
  createRequest(compiled: Pointer): Pointer;
  /** @param data  stays the caller's, who keeps it alive */
  createTensor(type: number, shape: readonly number[], data: NodeJS.ArrayBufferView): Pointer;
  setInput(request: Pointer, index: number, tensor: Pointer): void;
  infer(request: Pointer): void;
  /** Its shape, and a copy of its bytes. */
  readOutput(request: Pointer, index: number): RawTensor;
  free(kind: 'core' | 'model' | 'compiled_model' | 'infer_request' | 'tensor', pointer: Pointer): void;
}

export interface Port {
  /** undefined where the model has no name for it. */
  readonly name: string | undefined;
  /** The library's number of the element type. */
  readonly type: number;
  /** undefined where the number of axes is open. */
  readonly shape: readonly (number | null)[] | undefined;
}

export interface RawTensor {
  readonly type: number;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A number of 64 bits is read as the one or the other, by its size. */
type Whole = number | bigint;

interface FixedShape {
  readonly rank: Whole;
  readonly dims: Pointer;
}

interface OpenShape {
  readonly rank: { readonly min: Whole; readonly max: Whole };
  readonly dims: Pointer;
}

/** Reading and compiling a model takes the library deep into its own calls. */
const stackBytes = 16 * 1024 * 1024;
const device = 'CPU';

const loaded = new Map<string, Library>();

/** Loads the library, once in a thread. @param file  libopenvino_c. @throws where it does not load */
export function openLibrary(file: string): Library {
  const known = loaded.get(file);
  if (known) return known;
  const library = bind(file);
  loaded.set(file, library);
  return library;
}

function bind(file: string): Library {
  const koffi = loadKoffi(file);
  if (loaded.size === 0) koffi.config({ sync_stack_size: stackBytes });
  const lib = koffi.load(file);
  const shapeType = koffi.struct({ rank: 'int64', dims: 'void *' });
  const dimension = koffi.struct({ min: 'int64', max: 'int64' });
  const partialShape = koffi.struct({ rank: dimension, dims: 'void *' });
  const version = koffi.struct({ buildNumber: 'str', description: 'str' });
  const pointer = 'void *';
  const copyOf = (address: Pointer, length: number) => koffi.decode(address, 'uint8_t', length) as Uint8Array;
  const wholeNumbers = (address: Pointer, count: number) =>
    Array.from(koffi.decode(address, 'int64_t', count) as BigInt64Array, Number);
  const out = (type: string | ReturnType<typeof koffi.struct>) => koffi.out(koffi.pointer(type));
  const func = (name: string, result: string, types: unknown[]) =>
    lib.func(name, result, types as string[]) as (...args: unknown[]) => unknown;

  const lastError = func('ov_get_last_err_msg', 'str', []);
  /** A function that answers with a status. */
  const calls = (name: string, types: unknown[]) => {
    const call = func(name, 'int', types);
    return (...args: unknown[]) => {
      const status = call(...args) as number;
      if (status !== 0) throw new Error(errorText(lastError() as string | null, status));
    };
  };
  /** One whose last argument is where it puts a pointer. */
  const makes = (name: string, types: unknown[]) => {
    const call = calls(name, [...types, out(pointer)]);
    return (...args: unknown[]): Pointer => {
      const made: [Pointer | null] = [null];
      call(...args, made);
      return made[0] as Pointer;
    };
  };
  const number = (name: string, type: 'size_t' | 'uint32_t') => {
    const call = calls(name, [pointer, out(type)]);
    return (of: Pointer): number => {
      const read: [Whole] = [0];
      call(of, read);
      return Number(read[0]);
    };
  };

  const getVersion = calls('ov_get_openvino_version', [out(version)]);
  const createCore = makes('ov_core_create', []);
  const readModel = makes('ov_core_read_model', [pointer, 'str', 'str']);
  const readModelFrom = makes('ov_core_read_model_from_memory_buffer', [
    pointer,
    'const uint8_t *',
    'size_t',
    pointer,
  ]);
  const compileModel = calls('ov_core_compile_model', [
    pointer,
    pointer,
    'str',
    'size_t',
    out(pointer),
    '...',
  ]);
  const createRequest = makes('ov_compiled_model_create_infer_request', [pointer]);
  const createTensor = makes('ov_tensor_create_from_host_ptr', ['uint32_t', shapeType, 'void *']);
  const setInput = calls('ov_infer_request_set_input_tensor_by_index', [pointer, 'size_t', pointer]);
  const infer = calls('ov_infer_request_infer', [pointer]);
  const getOutput = makes('ov_infer_request_get_output_tensor_by_index', [pointer, 'size_t']);
  const dataOf = makes('ov_tensor_data', [pointer]);
  const byteSize = number('ov_tensor_get_byte_size', 'size_t');
  const elementType = number('ov_tensor_get_element_type', 'uint32_t');
  const getShape = calls('ov_tensor_get_shape', [pointer, out(shapeType)]);
  const freeShape = calls('ov_shape_free', [koffi.inout(koffi.pointer(shapeType))]);
  const portType = number('ov_port_get_element_type', 'uint32_t');
  const portShape = calls('ov_port_get_partial_shape', [pointer, out(partialShape)]);
  const freePartialShape = func('ov_partial_shape_free', 'void', [koffi.inout(koffi.pointer(partialShape))]);
  const portName = makes('ov_port_get_any_name', [pointer]);
  const freeText = func('ov_free', 'void', [pointer]);
  const freePort = func('ov_output_const_port_free', 'void', [pointer]);
  const portCalls = {
    input: {
      count: number('ov_model_inputs_size', 'size_t'),
      get: makes('ov_model_const_input_by_index', [pointer, 'size_t']),
    },
    output: {
      count: number('ov_model_outputs_size', 'size_t'),
      get: makes('ov_model_const_output_by_index', [pointer, 'size_t']),
    },
  };
  const frees = Object.fromEntries(
    ['core', 'model', 'compiled_model', 'infer_request', 'tensor'].map((kind) => [
      kind,
      func(`ov_${kind}_free`, 'void', [pointer]),
    ]),
  );

  function readPort(port: Pointer): Port {
    const shape: OpenShape = { rank: { min: 0, max: 0 }, dims: 0n };
    portShape(port, shape);
    const isOpen = Number(shape.rank.min) !== Number(shape.rank.max);
    const rank = Number(shape.rank.max);
    const limits = isOpen || rank === 0 ? [] : wholeNumbers(shape.dims, 2 * rank);
    freePartialShape(shape);
    return {
      name: nameOf(port),
      type: portType(port),
      // Each axis has a least and a greatest size.
      shape: isOpen
        ? undefined
        : Array.from({ length: rank }, (_, axis) =>
            limits[2 * axis] === limits[2 * axis + 1] ? (limits[2 * axis] as number) : null,
          ),
    };
  }

  function nameOf(port: Pointer): string | undefined {
    let text: Pointer;
    try {
      text = portName(port);
    } catch {
      return undefined;
    }
    const name = koffi.decode.string(text);
    freeText(text);
    return name;
  }

  return {
    version: readVersion(getVersion),
    createCore: () => createCore(),
    readModel: (core, path, weights) => readModel(core, path, weights),
    readModelFrom: (core, text, weights) => readModelFrom(core, text, text.length, weights),
    ports(model, kind) {
      const { count, get } = portCalls[kind];
      return Array.from({ length: count(model) }, (_, i) => {
        const port = get(model, i);
        try {
          return readPort(port);
        } finally {
          freePort(port);
        }
      });
    },
    compile(core, model, settings) {
      const made: [Pointer | null] = [null];
      const words = Object.entries(settings).flat();
      compileModel(core, model, device, words.length, made, ...words.flatMap((word) => ['str', word]));
      return made[0] as Pointer;
    },
    createRequest: (compiled) => createRequest(compiled),
    createTensor(type, shape, data) {
      const dims = BigInt64Array.from(shape, BigInt);
      // An array without elements has no address of its own.
      const memory = data.byteLength > 0 ? data : nothing;
      return createTensor(type, { rank: shape.length, dims }, memory);
    },
    setInput: (request, index, tensor) => setInput(request, index, tensor),
    infer: (request) => infer(request),
    readOutput(request, index) {
      const tensor = getOutput(request, index);
      try {
        const given: FixedShape = { rank: 0, dims: 0n };
        getShape(tensor, given);
        const rank = Number(given.rank);
        const shape = rank === 0 ? [] : wholeNumbers(given.dims, rank);
        freeShape(given);
        const length = byteSize(tensor);
        const bytes = length === 0 ? new Uint8Array() : copyOf(dataOf(tensor), length);
        return { type: elementType(tensor), shape, bytes };
      } finally {
        frees.tensor?.(tensor);
      }
    },
    free(kind, address) {
      frees[kind]?.(address);
    },
  };
}

const nothing = new Uint8Array(8);

function readVersion(getVersion: (into: object) => void): string {
  const read = { buildNumber: '' };
  getVersion(read);
  return read.buildNumber;
}

/** The library's errors begin with places in its sources, and every caller adds one. */
function errorText(text: string | null, status: number): string {
  const lines = (text ?? '')
    .split('\n')
    .map((line) =>
      line
        .replace(/^(?:Exception from |Check ')?\S*src\/\S+:\d+:?\s*/, '')
        .replace(/^Exception from .*$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
  return lines.join(' ') || `status ${status}`;
}
