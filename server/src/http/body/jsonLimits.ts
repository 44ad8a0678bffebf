import { HttpError } from '../httpError.ts';

/** Tensors have 32 axes at most; below them lie the body, its list, an instance and an input. */
const maxDepth = 64;
/** Each list and each object takes many times its two letters in memory. An image as nested lists has a few thousand. */
const maxContainers = 2_000_000;
/** Names of inputs, and of the parts of each. */
const maxNames = 200_000;
/** Shorter bodies are read in less time than it would take to measure them. */
const smallBytes = 64 * 1024;
/** How much is looked at before other requests get their turn, a millisecond or two. */
const sliceBytes = 512 * 1024;

const [tab, space, quote, backslash, colon] = [9, 32, 34, 92, 58];
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125];

/** Refuses JSON that would take far more time or memory to read than its length promises, before it is read. What is no
 *  JSON at all passes: the parser says what is wrong.
 *  @param maxInstances  objects in the list of the outermost object
 *  @throws HttpError "body-too-large" */
export async function checkJsonLimits(json: Buffer, maxInstances: number): Promise<void> {
  if (json.length <= smallBytes || !beginsAsJson(json)) return;
  const scanner = createScanner(maxInstances);
  for (let at = 0; at < json.length; at += sliceBytes) {
    scanner.scan(json.subarray(at, at + sliceBytes));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Images and forms begin otherwise. */
function beginsAsJson(bytes: Buffer): boolean {
  let at = 0;
  for (let byte = bytes[0] ?? 0; byte === space || (byte >= tab && byte <= 13); byte = bytes[at] ?? 0) at++;
  return bytes[at] === openObject || bytes[at] === openList;
}

/** Counts what stands outside of texts. It needs no more of JSON than where texts begin and end. */
function createScanner(maxInstances: number): { scan: (slice: Buffer) => void } {
  let isInText = false;
  let isEscaped = false;
  let depth = 0;
  let containers = 0;
  let instances = 0;
  let names = 0;

  function open(isObject: boolean): void {
    depth += 1;
    containers += 1;
    // The body, its list, its instances.
    if (isObject && depth === 3) instances += 1;
    if (depth > maxDepth) throw tooLarge(`nests deeper than ${maxDepth} levels`);
    if (containers > maxContainers) throw tooLarge(`holds more than ${maxContainers} lists and objects`);
    if (instances > maxInstances) throw tooManyInstances(maxInstances);
  }

  return {
    scan(slice) {
      for (const byte of slice) {
        if (isInText) {
          if (isEscaped) isEscaped = false;
          else if (byte === backslash) isEscaped = true;
          else if (byte === quote) isInText = false;
        } else if (byte === quote) isInText = true;
        else if (byte === openList || byte === openObject) open(byte === openObject);
        else if (byte === closeList || byte === closeObject) depth -= 1;
        else if (byte === colon && ++names > maxNames) throw tooLarge(`holds more than ${maxNames} names`);
      }
    },
  };
}

function tooLarge(what: string): HttpError {
  return new HttpError('body-too-large', `The JSON of the body ${what}.`);
}

export function tooManyInstances(maxInstances: number): HttpError {
  return new HttpError(
    'body-too-large',
    `The body holds more than ${maxInstances} instances. Send them in several requests, or start the frontend with a larger --maxInstances.`,
  );
}
