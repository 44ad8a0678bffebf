/* What the benchmarks measure the product against. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureEnvironment,
  findProgram,
  giveUp,
  installPackage,
  kafkaPackages,
  onlyOnce,
  root,
  run,
  say,
} from './setup.mjs';

const pythonPackages = ['numpy', 'onnx==1.23.2', 'onnxruntime', 'pyarrow', 'redis', ...kafkaPackages];
const nodePackages = ['bullmq@5', 'yaml-language-server@2.0.0'];
const httpPackages = [
  'fastapi',
  'uvicorn',
  'httptools',
  'uvloop',
  'onnxruntime',
  'onnx==1.19.1',
  'mlserver<1.8',
  'pillow',
];

/** What takes records from a queue, and the other language server. */
export function ensureBenchPeers() {
  ensureEnvironment('bench-python', pythonPackages, 'the Python worker that the engine is measured against');
  const peers = join(root, '.cache', 'bench-node');
  onlyOnce(
    'bench-node',
    nodePackages.join('\n'),
    () => existsSync(join(peers, 'node_modules')),
    () => {
      say(
        'installing what the engine and the language server are measured against (BullMQ, yaml-language-server)',
      );
      mkdirSync(peers, { recursive: true });
      writeFileSync(join(peers, 'package.json'), '{"private":true}');
      const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
      const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...nodePackages];
      if (run(npm, args, { cwd: peers }) !== 0) giveUp('npm failed.');
    },
  );
}

/** Other servers of models over HTTP, and the program that asks them all. */
export function ensureHttpPeers() {
  if (!findProgram('wrk')) installPackage('wrk', { brew: 'wrk', why: 'wrk, which asks over HTTP' });
  ensureEnvironment(
    'bench-http',
    httpPackages,
    'the servers that HTTP is measured against (FastAPI, MLServer)',
  );
}
