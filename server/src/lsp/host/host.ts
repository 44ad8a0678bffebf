import type { Files } from '../../language/files.ts';
import type { Live } from '../../language/live.ts';

/** What the server has of the machine that it runs on; in a browser that is next to nothing. */
export interface Host {
  readonly files: Files;
  /** What is known of running services. @param isAllowed  whether they may be asked */
  readonly live: (isAllowed: () => boolean) => Live;
  /** A variable of the environment that jobs are started from. */
  readonly env: (name: string) => string | undefined;
  /** The path of a file's URI on this machine. */
  readonly pathOf: (uri: string) => string | undefined;
  /** What is the same for all URIs of one file. */
  readonly identityOf: (uri: string) => string;
  isInFolder(path: string, folder: string): boolean;
  findFiles(folder: string, wanted: RegExp): Promise<HostFiles>;
  /** Undefined where there is none that can be read. */
  readText(path: string): Promise<string | undefined>;
  watchPlaces(onChange: (paths: ReadonlySet<string>) => void): PlaceWatch;
}

export interface HostFiles {
  readonly files: readonly string[];
  /** Folders that could not be read, with the system's code. */
  readonly unread: readonly { readonly path: string; readonly code: string }[];
  /** Whether there is more than was looked for. */
  readonly isCut: boolean;
}

export interface PlaceWatch {
  /** Watches these paths and no others any more. @returns whether they are others than before */
  set(paths: ReadonlySet<string>): boolean;
  close(): void;
}
