import './silence.ts';

// A program of its own: a broken native library may end the process that loads it.
import('onnxruntime-node').then(
  (ort) => {
    process.stdout.write(`onnxruntime-node ${ort.env.versions.node ?? '?'}\n`);
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);

export {};
