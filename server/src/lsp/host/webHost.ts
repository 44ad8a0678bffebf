import type { Host } from './host.ts';

/** A browser: texts come from the editor, and there are no folders, no environment and no services. What would be looked
 *  up there is neither found nor missed. */
export function webHost(): Host {
  return {
    files: {
      resolve: () => undefined,
      uriOf: (path) => `file://${path}`,
      look: () => Promise.resolve({ kind: 'unreadable' }),
      bytes: () => Promise.resolve(undefined),
      hasRuntime: () => Promise.resolve(true),
      lackingModules: () => Promise.resolve(undefined),
    },
    live: () => ({
      queues: () => Promise.resolve([]),
      topics: () => Promise.resolve([]),
      flink: () => Promise.resolve(null),
    }),
    env: () => undefined,
    pathOf: () => undefined,
    identityOf: (uri) => uri,
    isInFolder: () => false,
    findFiles: () => Promise.resolve({ files: [], unread: [], isCut: false }),
    readText: () => Promise.resolve(undefined),
    watchPlaces: () => ({ set: () => false, close: () => undefined }),
  };
}
