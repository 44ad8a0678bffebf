import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import { isCalled, type NamedPort } from './portNames.ts';

/** Beside a frozen graph: the names of its inputs and outputs, in the order that clients know. */
export const graphMetaFile = 'graph_meta.json';

interface GraphMeta {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The ports that `graph_meta.json` names, in its order; all of them where there is no such file.
 *  @throws ServingError "model-load-failed" where the two do not fit */
export function selectPorts(
  file: string,
  inputs: readonly NamedPort[],
  outputs: readonly NamedPort[],
): { inputs: readonly NamedPort[]; outputs: readonly NamedPort[] } {
  const path = join(dirname(file), graphMetaFile);
  const meta = readGraphMeta(path);
  if (!meta) return { inputs, outputs };
  const chosen = {
    inputs: select(path, 'input', meta.inputs, inputs),
    outputs: select(path, 'output', meta.outputs, outputs),
  };
  const left = inputs.find((input) => !chosen.inputs.includes(input));
  if (left)
    throw unfit(
      `${path} does not name the input "${left.name}", which the graph needs. Add it to input_names, or freeze the graph without it.`,
    );
  return chosen;
}

function select(
  path: string,
  kind: 'input' | 'output',
  names: readonly string[],
  ports: readonly NamedPort[],
): readonly NamedPort[] {
  return names.map((name) => {
    const port = ports.find((candidate) => isCalled(candidate, name));
    if (port) return port;
    const known = ports.map((each) => each.name).join(', ');
    throw unfit(
      `${path} names the ${kind} "${name}", which the graph does not have at its ${kind === 'input' ? 'beginning' : 'end'}: there are ${known}. Correct ${kind}_names, or freeze the graph for that ${kind}.`,
    );
  });
}

function readGraphMeta(path: string): GraphMeta | undefined {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unfit(`${path} cannot be read: ${messageOf(error)}`);
  }
  let meta: unknown;
  try {
    meta = JSON.parse(text);
  } catch (error) {
    throw unfit(`${path} is no JSON: ${messageOf(error)}`);
  }
  const { input_names: inputs, output_names: outputs } = (meta ?? {}) as Readonly<Record<string, unknown>>;
  if (isNames(inputs) && isNames(outputs)) return { inputs, outputs };
  throw unfit(`${path} must have the lists input_names and output_names, each with at least one name.`);
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');
}

function unfit(message: string): ServingError {
  return new ServingError('model-load-failed', message);
}
