/* Of the client library of Kafka only the protocol is used: its own clients, with what they validate and encode by, are three
   quarters of it and stay out of the bundle. */
import { join } from 'node:path';

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
    // A module that is needed for something else makes a validator for the clients.
    onLoad({ filter: /[\\/]ajv[\\/]dist[\\/]2020\.js$/ }, () => ({
      contents: 'export class Ajv2020 { addKeyword() {} }',
    }));
  },
};
