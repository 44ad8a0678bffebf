import type { ModelType } from './runtimes.ts';

/** How `cluster-serving convert` makes ONNX of one type of models. */
interface ConversionRow {
  /** What the Python that converts must be able to import; empty where none is needed. */
  readonly modules: readonly string[];
  /** Set where the file does not say which inputs it takes: the user names them with their shapes. */
  readonly asksShapes?: true;
}

/** Runs the ONNX model for the comparison, and is needed beside every framework. */
const compares = ['numpy', 'onnx', 'onnxruntime'] as const;

/** Types of models that are made into ONNX; what is not here is ONNX already, or stays as it is. */
export const conversions: Readonly<Partial<Record<ModelType | 'keras', ConversionRow>>> = {
  pytorch: { modules: ['torch', ...compares], asksShapes: true },
  pytorchExport: { modules: ['torch', 'onnxscript', ...compares] },
  tensorflowSavedModel: { modules: ['tensorflow', 'tf2onnx', ...compares] },
  tensorflowFrozenModel: { modules: ['tensorflow', 'tf2onnx', ...compares] },
  tensorflowLite: { modules: ['tensorflow', 'tf2onnx', ...compares] },
  keras: { modules: ['tensorflow', 'tf2onnx', ...compares] },
  pickle: { modules: ['sklearn', 'skl2onnx', ...compares] },
  xgboost: { modules: ['xgboost', 'onnxmltools', ...compares] },
  lightgbm: { modules: ['lightgbm', 'onnxmltools', ...compares] },
  caffe: { modules: [] },
};

/** A largest error above this is worth a look: float32 in another order gives less. */
export const suspiciousError = 1e-3;
