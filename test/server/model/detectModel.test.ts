import { describe, expect, test } from 'vitest';
import { detectModel } from '../../../server/src/model/recognise/detectModel.ts';

describe('the model of a folder', () => {
  test.each([
    [['model.onnx'], { type: 'onnx', file: 'model.onnx' }],
    [['model.onnx', 'README.md', 'model.onnx.data', 'weights.bin'], { type: 'onnx', file: 'model.onnx' }],
    [['._model.onnx', 'model.onnx'], { type: 'onnx', file: 'model.onnx' }],
    [['a.caffemodel', 'a.prototxt'], { type: 'caffe', file: 'a.prototxt', weights: 'a.caffemodel' }],
    [
      ['a_solver.prototxt', 'net_deploy.prototxt', 'w.caffemodel'],
      { type: 'caffe', file: 'net_deploy.prototxt', weights: 'w.caffemodel' },
    ],
    [
      ['frozen_inference_graph.pb', 'graph_meta.json'],
      { type: 'tensorflowFrozenModel', file: 'frozen_inference_graph.pb' },
    ],
    [['saved_model.pb', 'variables/'], { type: 'tensorflowSavedModel', file: 'saved_model.pb' }],
    [['saved_model.pb', 'variables'], { type: 'tensorflowSavedModel', file: 'saved_model.pb' }],
    [['saved_model.pb', 'fingerprint.pb'], { type: 'tensorflowSavedModel', file: 'saved_model.pb' }],
    [['net.tflite', 'labels.txt'], { type: 'tensorflowLite', file: 'net.tflite' }],
    [['net.onnx', 'net.keras', 'net.pkl'], { type: 'onnx', file: 'net.onnx' }],
    [['net.pt'], { type: 'pytorch', file: 'net.pt' }],
    [['net.pt', 'net.pt2'], { type: 'pytorch', file: 'net.pt' }],
    [['net.pt2', 'notes.md'], { type: 'pytorchExport', file: 'net.pt2' }],
    [['trees.ubj'], { type: 'xgboost', file: 'trees.ubj' }],
    [['net.joblib'], { type: 'pickle', file: 'net.joblib', isPickle: true }],
    [['net.pkl'], { type: 'pickle', file: 'net.pkl', isPickle: true }],
    [['net.model'], { type: 'bigdl', file: 'net.model' }],
    [['net.bin', 'net.xml', 'net.mapping'], { type: 'openvino', file: 'net.xml', weights: 'net.bin' }],
    [['net.bin', 'a.xml', 'net.xml'], { type: 'openvino', file: 'net.xml', weights: 'net.bin' }],
  ])('%j', (names, model) => {
    expect(detectModel(names)).toEqual(model);
  });

  test.each([
    [[], 'model-none'],
    [['README.md', 'variables/'], 'model-none'],
    [['model.onnx/'], 'model-none'],
    [['net.xml'], 'model-incomplete'],
    [['net.prototxt'], 'model-incomplete'],
    [['pytorch_model.bin', 'config.json'], 'model-foreign'],
    [['model.safetensors'], 'model-foreign'],
    [['net.pth'], 'model-foreign'],
    [['net.gguf'], 'model-foreign'],
    [['a.pkl', 'b.joblib'], 'model-several'],
    [['net.mlmodel'], 'model-foreign'],
    [['net.engine'], 'model-foreign'],
    [['net.h5'], 'model-foreign'],
    [['net.pmml'], 'model-foreign'],
    [['model.tar'], 'model-foreign'],
    [['a.onnx', 'b.onnx'], 'model-several'],
    [['a.onnx', 'b.pt'], 'model-several'],
    [['a.pb', 'b.pb', 'variables/'], 'model-several'],
    [['a.onnx', 'b.bin', 'b.xml'], 'model-several'],
    [['net.bin'], 'model-incomplete'],
    [['net.caffemodel'], 'model-incomplete'],
    [['net.keras'], 'model-keras'],
  ])('%j is refused as %s', (names, code) => {
    expect(detectModel(names)).toMatchObject({ code });
  });
});
