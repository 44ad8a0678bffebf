/** The types of layers that are converted: those of the classic networks. Layers of training have none here. */
export const caffeLayerTypes = [
  ...[
    'Input',
    'Convolution',
    'Deconvolution',
    'InnerProduct',
    'Pooling',
    'LRN',
    'BatchNorm',
    'Scale',
    'Bias',
  ],
  ...['ReLU', 'PReLU', 'ELU', 'Sigmoid', 'TanH', 'AbsVal', 'BNLL', 'Exp', 'Log', 'Power'],
  ...['Concat', 'Slice', 'Split', 'Eltwise', 'Dropout', 'Softmax', 'Flatten', 'Reshape', 'Permute'],
] as const;

/** The names that types have in the older form (V1LayerParameter.LayerType) and that are not those of today in capitals. */
const olderNames: Readonly<Record<string, string>> = {
  INNER_PRODUCT: 'InnerProduct',
  ABSVAL: 'AbsVal',
  RELU: 'ReLU',
  TANH: 'TanH',
  HDF5_DATA: 'HDF5Data',
  IMAGE_DATA: 'ImageData',
  MEMORY_DATA: 'MemoryData',
  WINDOW_DATA: 'WindowData',
  SOFTMAX_LOSS: 'SoftmaxWithLoss',
};

/** What brings data or a loss belongs to training. */
const trainingTypes = /Data$|Loss$|^Accuracy$/;

/** A type as it is called today. */
export function layerTypeOf(written: string): string {
  const known = [...caffeLayerTypes].find((type) => type.toUpperCase() === written);
  return olderNames[written] ?? known ?? written;
}

export type CaffeLayerType = (typeof caffeLayerTypes)[number];

export function isConverted(type: string): type is CaffeLayerType {
  return (caffeLayerTypes as readonly string[]).includes(type);
}

/** Why a layer is not converted, as a sentence. */
export function unconverted(name: string, type: string): string {
  return trainingTypes.test(type)
    ? `the layer "${name}" of the type ${type} belongs to training. Name the network that is deployed, which begins with its input.`
    : `the layer "${name}" has the type ${type}, which is not converted here. Convert the model to ONNX or to OpenVINO IR by a tool that knows it.`;
}
