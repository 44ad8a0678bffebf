import { expect, test } from 'vitest';
import { configOfModel } from '../../../client/src/jobs/configOfModel.ts';

const configs = [
  { path: '/w/a/config.yaml', modelPath: 'model' },
  { path: '/w/b/config.yaml', modelPath: '../models/net.onnx' },
  { path: '/w/c/config.yaml', modelPath: '/data/..versions' },
];
const found = (file: string) => configOfModel(file, configs)?.path;

test('a file within the folder of a model, also of a version of it, is that of its config', () => {
  expect(found('/w/a/model/net.onnx')).toBe('/w/a/config.yaml');
  expect(found('/w/a/model/2/net.onnx')).toBe('/w/a/config.yaml');
  expect(found('/data/..versions/1/net.xml')).toBe('/w/c/config.yaml');
});

test('a config may name the file itself', () => {
  expect(found('/w/models/net.onnx')).toBe('/w/b/config.yaml');
});

test('files elsewhere are of no config', () => {
  expect(found('/w/a/models/net.onnx')).toBeUndefined();
  expect(found('/w/a/net.onnx')).toBeUndefined();
});
