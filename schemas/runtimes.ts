import type { Backend } from './jobEvents.ts';

/** One kind of program that runs models. What it does is a row of `server/src/model/runtimes/runtimes.ts`. */
interface RuntimeRow {
  readonly title: string;
  /** Where it can run so far. */
  readonly backends: readonly Backend[];
  /** The newest ONNX that it reads. */
  readonly newest?: { readonly ir: number; readonly opset: number };
  /** Absent for what comes with the package. */
  readonly install?: RuntimeInstall;
}

/** What `cluster-serving runtime install` fetches: one wheel of the Python package index, of which the libraries are used
 *  and no Python. */
interface RuntimeInstall {
  readonly package: string;
  readonly version: string;
  /** The wheel of each platform, by Node's names, with the digest that it must have. */
  readonly wheels: Readonly<Record<string, WheelRow>>;
  /** Matches the files of the wheel that are unpacked, by their names without the folder. */
  readonly files: RegExp;
}

interface WheelRow {
  /** The platform tag. */
  readonly platform: string;
  readonly sha256: string;
}

export const runtimes = {
  onnxruntime: {
    title: 'ONNX Runtime',
    backends: ['embedded', 'flink'],
    // As the installed version says when it refuses a newer one; a test compares.
    newest: { ir: 13, opset: 26 },
  },
  openvino: {
    title: 'OpenVINO',
    backends: ['embedded'],
    install: {
      package: 'openvino',
      version: '2026.4.1',
      wheels: {
        'linux-x64': {
          platform: 'manylinux_2_28_x86_64',
          sha256: '2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf',
        },
        'linux-arm64': {
          platform: 'manylinux_2_35_aarch64',
          sha256: 'bea1eb3733c34ef331adc945da0ccda5937865031139073663be84c517ffda22',
        },
        'darwin-arm64': {
          platform: 'macosx_11_0_arm64',
          sha256: 'd3740853691ae4a9003bc3417a4625d848e2cc3251af4b815c59199b38be252a',
        },
        'win32-x64': {
          platform: 'win_amd64',
          sha256: 'bfddae6d6d3ad240157b946f180c33d0ddfaaae7487995d929a4e6b4bc12b283',
        },
      },
      files:
        /^(?:lib)?(?:openvino(?:_c|_(?:intel|arm)_cpu_plugin|_(?:ir|onnx|tensorflow|tensorflow_lite)_frontend)?|tbb\w*|hwloc)[.\d]*\.(?:so|dylib|dll)[.\d]*$/,
    },
  },
} as const satisfies Readonly<Record<string, RuntimeRow>>;

export type RuntimeName = keyof typeof runtimes;

export const runtimeNames = Object.keys(runtimes) as readonly RuntimeName[];

export function runtimeRow(name: RuntimeName): RuntimeRow {
  return runtimes[name];
}

/** The line that installs a runtime. */
export function installCommand(name: RuntimeName): string {
  return `cluster-serving runtime install ${name}`;
}

/** One kind of model that a folder may hold. */
interface ModelTypeRow {
  readonly title: string;
  /** What a folder of it holds. */
  readonly holds: string;
  /** What runs it, the usual one first; empty while nothing does. */
  readonly runtimes: readonly RuntimeName[];
  /** What coreNumberPerMachine gives it, as in the original: that many threads, or that many copies of one thread. */
  readonly cores: 'threads' | 'copies';
  /** Set where the files may be encrypted (modelEncrypted); those of other types are read as they are, as in the original. */
  readonly isDecrypted?: true;
  /** Set where images are height × width × colours whatever the shape says. */
  readonly images?: 'hwc';
  /** What to do with a model that nothing runs. */
  readonly instead?: string;
}

/** The types of models that a folder is recognised to hold; the first seven are the original's and ONNX. */
export const modelTypes = {
  onnx: {
    title: 'ONNX',
    holds: 'one `*.onnx`',
    runtimes: ['onnxruntime', 'openvino'],
    cores: 'copies',
    isDecrypted: true,
  },
  openvino: {
    title: 'OpenVINO IR',
    holds: '`*.xml` with its `*.bin`',
    runtimes: ['openvino'],
    cores: 'threads',
    isDecrypted: true,
  },
  tensorflowSavedModel: {
    title: 'TensorFlow SavedModel',
    holds: '`saved_model.pb` with `variables/`',
    runtimes: ['openvino'],
    cores: 'copies',
    images: 'hwc',
  },
  tensorflowFrozenModel: {
    title: 'TensorFlow frozen graph',
    holds: '`frozen_inference_graph.pb`, best with `graph_meta.json`',
    runtimes: ['openvino'],
    cores: 'copies',
    images: 'hwc',
  },
  tensorflowLite: {
    title: 'TensorFlow Lite',
    holds: 'one `*.tflite`',
    runtimes: ['openvino'],
    cores: 'copies',
    images: 'hwc',
  },
  pytorch: {
    title: 'PyTorch',
    holds: 'one `*.pt`',
    runtimes: [],
    cores: 'copies',
    instead: 'Export it to ONNX in Python: torch.onnx.export(model, (example,), "model.onnx")',
  },
  caffe: {
    title: 'Caffe',
    holds: '`*.prototxt` with its `*.caffemodel`',
    runtimes: [],
    cores: 'copies',
    instead: 'Convert it to ONNX or to OpenVINO IR',
  },
  bigdl: {
    title: 'BigDL',
    holds: 'one `*.model`',
    runtimes: [],
    cores: 'copies',
    instead: 'Train or export it in a framework that writes ONNX',
  },
} as const satisfies Readonly<Record<string, ModelTypeRow>>;

export type ModelType = keyof typeof modelTypes;

export const modelTypeNames = Object.keys(modelTypes) as readonly ModelType[];

export function modelTypeRow(type: ModelType): ModelTypeRow {
  return modelTypes[type];
}
