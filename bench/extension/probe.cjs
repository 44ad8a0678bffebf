// An extension that activates ours once the window has started, and writes down what that took. It measures from outside,
// so that nothing of ours is built for being measured.
const { ChildProcess } = require('node:child_process');
const { appendFileSync } = require('node:fs');
const Module = require('node:module');
const { Socket } = require('node:net');
const { basename, dirname } = require('node:path');
const vscode = require('vscode');

/** How long ours is looked at after its activation, in ms. */
const afterMs = 1_000;

exports.activate = async () => {
  const ours = vscode.extensions.getExtension('cluster-serving.cluster-serving');
  const seen = { loadMs: 0, activateMs: 0, processes: 0, connections: 0, wasActive: ours.isActive };
  const isOurs = () => new Error().stack.includes(ours.extensionPath);
  count(ChildProcess.prototype, 'spawn', () => isOurs() && (seen.processes += 1));
  count(Socket.prototype, 'connect', () => isOurs() && (seen.connections += 1));
  const { _load } = Module;
  Module._load = function (request, ...rest) {
    if (basename(request) !== 'extension.cjs' || !dirname(request).startsWith(ours.extensionPath))
      return _load.call(this, request, ...rest);
    const began = performance.now();
    const loaded = _load.call(this, request, ...rest);
    seen.loadMs = performance.now() - began;
    return { ...loaded, activate: timed(loaded.activate) };
  };
  await ours.activate();
  Module._load = _load;
  setTimeout(() => appendFileSync(process.env.BENCH_ACTIVATIONS, `${JSON.stringify(seen)}\n`), afterMs);

  function timed(activate) {
    return (context) => {
      const began = performance.now();
      const result = activate(context);
      seen.activateMs = performance.now() - began;
      return result;
    };
  }
};

function count(owner, name, note) {
  const inner = owner[name];
  owner[name] = function (...args) {
    note();
    return inner.apply(this, args);
  };
}
