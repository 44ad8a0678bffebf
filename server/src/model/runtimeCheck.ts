import './silence.ts';
import { loadOnnxRuntime } from './onnxRuntime.ts';

// A program of its own: a broken native library may end the process that loads it.
loadOnnxRuntime().then(
  (ort) => {
    process.stdout.write(`ONNX Runtime ${ort.env.versions.node ?? '?'}\n`);
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
