import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { secretVariables, type SecretKind, type SecretPair } from '../../../../schemas/encryption.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import { pairOf } from '../../queue/secrets.ts';

/** Where a secret and its salt may come from; never from arguments, which every user of the machine can see. */
export interface PairSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The whole of the standard input; undefined where that is a terminal. */
  readonly input: (() => Promise<string>) | undefined;
  /** Asks on the terminal, and shows nothing of the answer. */
  readonly ask: (question: string) => Promise<string>;
}

/** Reads a secret and its salt: from the two variables, else from two lines of the standard input, else from the terminal.
 *  @param isRepeated  asked twice on a terminal, where a slip would be found out only much later
 *  @throws ServingError "wrong-use" */
export async function readPair(
  kind: SecretKind,
  { env, input, ask }: PairSources,
  isRepeated = false,
): Promise<SecretPair> {
  const names = secretVariables[kind];
  const [secret, salt] = [env[names.secret] ?? '', env[names.salt] ?? ''];
  if (secret !== '' || salt !== '')
    return requirePair(secret, salt, `Set both variables, ${names.secret} and ${names.salt}.`);
  if (input) {
    const [first = '', second = '', ...rest] = (await input())
      .split('\n')
      .map((line) => line.replace(/\r$/, ''));
    const isTwo = rest.every((line) => line === '');
    return requirePair(
      isTwo ? first : '',
      second,
      `Give the secret and the salt as two lines of the standard input, or in ${names.secret} and ${names.salt}.`,
    );
  }
  const asked = await askTwice('Secret', ask, isRepeated);
  return requirePair(
    asked,
    await askTwice('Salt', ask, isRepeated),
    'Neither the secret nor the salt may be empty.',
  );
}

async function askTwice(what: string, ask: PairSources['ask'], isRepeated: boolean): Promise<string> {
  const answer = await ask(`${what}: `);
  if (isRepeated && (await ask(`${what} again: `)) !== answer)
    throw new ServingError('wrong-use', `The two are not the same: ${what.toLowerCase()}.`);
  return answer;
}

function requirePair(secret: string, salt: string, otherwise: string): SecretPair {
  const pair = pairOf(secret, salt);
  if (!pair) throw new ServingError('wrong-use', otherwise);
  return pair;
}

/** Those of this process. */
export const processSources: PairSources = {
  env: process.env,
  input: process.stdin.isTTY ? undefined : () => text(process.stdin),
  async ask(question) {
    process.stderr.write(question);
    const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
    const terminal = createInterface({ input: process.stdin, output: silence, terminal: true });
    try {
      return await terminal.question('');
    } finally {
      terminal.close();
      process.stderr.write('\n');
    }
  },
};
