import { sep } from 'node:path';
import { createLive } from '../../live/live.ts';
import { identityOf, pathOf, realPath } from '../../workspace/fileIdentity.ts';
import { findFiles } from '../../workspace/findFiles.ts';
import { nodeFiles } from '../../workspace/nodeFiles.ts';
import { readText } from '../../workspace/readText.ts';
import type { Host } from './host.ts';
import { watchPlaces } from './watchPlaces.ts';

/** A whole machine. */
export function nodeHost(): Host {
  return {
    files: nodeFiles(),
    live: createLive,
    env: (name) => process.env[name],
    pathOf,
    identityOf,
    isInFolder(path, folder) {
      const [real, realFolder] = [realPath(path), realPath(folder)];
      return real === realFolder || real.startsWith(realFolder + sep);
    },
    findFiles,
    readText,
    watchPlaces,
  };
}
