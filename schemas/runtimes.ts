/** One kind of program that runs models. What it does is a row of `server/src/model/runtimes/runtimes.ts`. */
interface RuntimeRow {
  readonly title: string;
  /** How a worker on Flink comes to it: it is part of every worker, is sent along from the machine that submits, or is what
   *  the TaskManager itself has. */
  readonly onFlink: 'bundled' | 'sent' | 'found';
  /** The newest ONNX that it reads. */
  readonly newest?: { readonly ir: number; readonly opset: number };
  /** The key of the config that names where it is. */
  readonly key?: 'openvinoPath' | 'python';
  /** What `cluster-serving runtime install` fetches. */
  readonly install?: RuntimeInstall;
  /** How to come to one that neither comes with the package nor is fetched. */
  readonly instead?: string;
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
    onFlink: 'bundled',
    // As the installed version says when it refuses a newer one; a test compares.
    newest: { ir: 13, opset: 26 },
  },
  openvino: {
    title: 'OpenVINO',
    onFlink: 'sent',
    key: 'openvinoPath',
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
  python: {
    title: 'Python',
    onFlink: 'found',
    key: 'python',
    instead: 'Install Python 3, or name one by the key python or by CLUSTER_SERVING_PYTHON',
  },
} as const satisfies Readonly<Record<string, RuntimeRow>>;

export type RuntimeName = keyof typeof runtimes;

// What reads no names is bundled without the table, for browsers.
export const runtimeNames = /* @__PURE__ */ Object.keys(runtimes) as readonly RuntimeName[];

export function runtimeRow(name: RuntimeName): RuntimeRow {
  return runtimes[name];
}

/** How a runtime comes to this machine, as the rest of a message. */
export function howToInstall(name: RuntimeName): string {
  const { install, instead } = runtimeRow(name);
  return install || instead === undefined
    ? `Install it with: cluster-serving runtime install ${name}`
    : instead;
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
  /** Matches what else of its folder belongs to it, by paths within that. */
  readonly beside?: RegExp;
  /** What to do with a model that nothing runs. */
  readonly instead?: string;
  /** What the Python that runs it must be able to import. */
  readonly modules?: readonly string[];
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
    beside: /^(?:variables|assets|assets\.extra)\//,
    runtimes: ['openvino'],
    cores: 'copies',
    images: 'hwc',
  },
  tensorflowFrozenModel: {
    title: 'TensorFlow frozen graph',
    holds: '`frozen_inference_graph.pb`, best with `graph_meta.json`',
    beside: /^graph_meta\.json$/,
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
    holds: 'one `*.pt` of TorchScript, or a pickle with `allowPickle: true`',
    runtimes: ['python'],
    cores: 'copies',
    modules: ['torch'],
  },
  pytorchExport: {
    title: 'PyTorch export',
    holds: 'one `*.pt2` of torch.export',
    runtimes: ['python'],
    cores: 'copies',
    modules: ['torch'],
  },
  xgboost: {
    title: 'XGBoost',
    holds: 'one `*.json` or `*.ubj` of save_model',
    runtimes: ['python'],
    cores: 'copies',
    modules: ['xgboost', 'numpy'],
  },
  lightgbm: {
    title: 'LightGBM',
    holds: 'one `*.txt` of save_model',
    runtimes: ['python'],
    cores: 'copies',
    modules: ['lightgbm', 'numpy'],
  },
  pickle: {
    title: 'Python pickle',
    holds: 'one `*.joblib` or `*.pkl`, with `allowPickle: true`',
    runtimes: ['python'],
    cores: 'copies',
    modules: ['numpy'],
  },
  pythonModel: {
    title: 'model.py',
    holds: '`model.py` with a function `predict`',
    // It reads whatever it likes; what is hidden, or left by an earlier run, it does not.
    beside: /^(?!(?:.*\/)?(?:\.|__pycache__\/))/,
    runtimes: ['python'],
    cores: 'copies',
    modules: ['numpy'],
  },
  caffe: {
    title: 'Caffe',
    holds: '`*.prototxt` with its `*.caffemodel`',
    runtimes: ['onnxruntime', 'openvino'],
    cores: 'copies',
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

export const modelTypeNames = /* @__PURE__ */ Object.keys(modelTypes) as readonly ModelType[];

export function modelTypeRow(type: ModelType): ModelTypeRow {
  return modelTypes[type];
}

/** Packages of Python that pip calls otherwise than they are imported. */
const pipNames: Readonly<Record<string, string>> = {
  sklearn: 'scikit-learn',
  cv2: 'opencv-python-headless',
  PIL: 'pillow',
  yaml: 'pyyaml',
  skimage: 'scikit-image',
};

/** The names by which pip installs modules. */
export function pipNamesOf(modules: readonly string[]): readonly string[] {
  return modules.map((name) => pipNames[name] ?? name);
}
