/* Of the client library of Kafka only the protocol is used: its own clients, with what they validate and encode by, are three
   quarters of it and stay out of the bundle. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const isLibrary = /[\\/]@platformatic[\\/]kafka[\\/]/;

export const kafkaProtocol = {
  name: 'kafka protocol',
  setup({ onResolve, onLoad, resolve }) {
    // As text in a module, so that its WebAssembly need not lie beside the bundles.
    onResolve({ filter: /^@platformatic\/wasm-utils$/ }, ({ path, kind, importer, resolveDir }) =>
      resolve(`${path}/bundled`, { kind, importer, resolveDir }),
    );
    // Its modules only define things, though its manifest does not say so.
    onResolve({ filter: /^\.{1,2}\// }, ({ importer, path, resolveDir }) =>
      isLibrary.test(importer) ? { path: join(resolveDir, path), sideEffects: false } : undefined,
    );
    // What compresses messages is WebAssembly in a file beside it: no bundle is to look for one.
    onLoad({ filter: /[\\/]@platformatic[\\/]wasm-utils[\\/]dist[\\/]index\.js$/ }, ({ path }) => {
      const packed = brotliCompressSync(readFileSync(join(dirname(path), 'native.wasm'))).toString('base64');
      const source = readFileSync(path, 'utf8');
      const contents = source
        .replace(
          /readFileSync\(new URL\([^)]*\)\)/,
          `brotliDecompressSync(Buffer.from('${packed}', 'base64'))`,
        )
        .replace(
          "import { readFileSync } from 'node:fs'",
          "import { brotliDecompressSync } from 'node:zlib'",
        );
      if (contents.includes('readFileSync'))
        throw new Error(`${path} is not as it was: see kafkaProtocol.mjs`);
      return { contents };
    });
    // A module that is needed for something else makes a validator for the clients.
    onLoad({ filter: /[\\/]ajv[\\/]dist[\\/]2020\.js$/ }, () => ({
      contents: 'export class Ajv2020 { addKeyword() {} }',
    }));
  },
};
