/* Runs a program while others run, with its output where the stage wants it. */
import { spawn } from 'node:child_process';
import { root } from '../machine/setup.mjs';

/** @param output  'inherit', or the descriptor of a file
 *  @returns the exit code; 1 where there is none */
export function runAside(program, args, { env = process.env, output = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', output, output] });
    child.once('error', (error) => reject(new Error(`${program} cannot be run: ${error.message}`)));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
