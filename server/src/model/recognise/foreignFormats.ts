/** A format of models that people have, and that no runtime here reads. */
interface ForeignFormat {
  readonly name: RegExp;
  readonly what: string;
  /** How to come to a model that is served. */
  readonly way: string;
}

const torch = 'Export it in Python: torch.onnx.export(model, (example,), "model.onnx")';

const foreignFormats: readonly ForeignFormat[] = [
  {
    name: /\.keras$/i,
    what: 'a Keras model',
    way: 'Convert it to ONNX: cluster-serving convert. Or export it in Python: model.export("folder") makes a SavedModel',
  },
  {
    name: /\.(?:h5|hdf5)$/i,
    what: 'a Keras model, or weights of one',
    way: 'Convert a whole model to ONNX: cluster-serving convert. Or load it in Keras and export it: model.export("folder") makes a SavedModel',
  },
  { name: /^pytorch_model.*\.bin$/i, what: 'weights of PyTorch without their model', way: torch },
  {
    name: /\.(?:pth|ckpt)$/i,
    what: 'a file of PyTorch',
    way: `${torch}. A TorchScript file is served under the name *.pt`,
  },
  { name: /\.safetensors$/i, what: 'weights without their model', way: torch },
  {
    name: /\.(?:gguf|ggml)$/i,
    what: 'a language model for llama.cpp',
    way: 'It is served by llama.cpp, not here',
  },
  { name: /\.pmml$/i, what: 'a PMML document', way: 'Train the model again and export it to ONNX' },
  {
    name: /\.ml(?:model|package)\/?$/i,
    what: 'a Core ML model',
    way: 'Export it to ONNX where it was trained',
  },
  {
    name: /\.(?:engine|plan|trt)$/i,
    what: 'an engine of TensorRT, which runs on one kind of GPU only',
    way: 'Serve the ONNX file that it was built from',
  },
  { name: /\.(?:pdmodel|pdiparams)$/i, what: 'a Paddle model', way: 'Convert it with paddle2onnx' },
  {
    name: /\.ort$/i,
    what: 'a model in the format of ONNX Runtime Mobile',
    way: 'Serve the ONNX file it was made from',
  },
  { name: /\.(?:zip|tar|tgz|gz|xz|7z|mar)$/i, what: 'an archive', way: 'Unpack it' },
];

/** What a name says that is no model here, as a sentence. */
export function describeForeign(name: string): string | undefined {
  const format = foreignFormats.find((each) => each.name.test(name));
  return format && `${name.replace(/\/$/, '')} is ${format.what}. ${format.way}.`;
}
