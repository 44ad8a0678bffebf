import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  configLanguageId,
  type OpenText,
  type Recognised,
} from '../../../schemas/editor/languageMessages.ts';
import { configText, type ConfigText } from '../language/configText.ts';
import type { FileKind } from '../language/recognise/modeline.ts';
import { recognise } from '../language/recognise/recognise.ts';
import { createWorkspace, factsOf, type Workspace } from '../language/workspace.ts';
import { createIdentities } from './identities.ts';
import type { PathMatcher, Settings } from './settings.ts';

/** A recognised file, open or not. */
export interface KnownFile {
  readonly uri: string;
  readonly kind: Exclude<FileKind, 'foreign'>;
  readonly document: TextDocument;
  readonly isOpen: boolean;
}

/** The recognised files, and what they have in common. */
export interface KnownFiles {
  readonly workspace: Workspace;
  /** Looks at a text that was opened, changed or found. @returns the other files whose problems may have changed */
  see(document: TextDocument, isOpen: boolean): readonly string[];
  forget(uri: string): readonly string[];
  get(uri: string): KnownFile | undefined;
  all(): Iterable<KnownFile>;
  /** What is the same for all URIs of one file. */
  readonly identityOf: (uri: string) => string;
  /** Whose file a text is, by what stands in it and by the settings. */
  recognise(text: OpenText): Recognised;
  /** The config in a file, read once for each of its versions. */
  config(uri: string): ConfigText | undefined;
}

/** @param settings  as they are now */
export function createKnownFiles(settings: () => Settings, identityOf: (uri: string) => string): KnownFiles {
  const files = new Map<string, KnownFile>();
  const identities = createIdentities(identityOf);
  const workspace = createWorkspace(identities.of);
  /** Of open files only: closed ones are read again when they are asked for, to keep memory small. */
  const readings = new Map<string, ConfigText>();
  let lastClosed: ConfigText | undefined;

  function recogniseText({ uri, languageId, text }: OpenText): Recognised {
    const { include, exclude } = settings();
    const path = decode(uri.replace(/^file:\/\//i, ''));
    const matches = (matcher: PathMatcher) => matcher(path);
    const found = recognise(text);
    const { kind, isSaid } = found;
    if (exclude.some(matches))
      return {
        ...found,
        kind: 'foreign',
        because: 'The setting clusterServing.files.exclude leaves it out.',
      };
    if (kind !== 'foreign') return found;
    if (include.some(matches))
      return { ...found, kind: 'config', because: 'The setting clusterServing.files.include names it.' };
    // An open config may look like none for a moment while it is rewritten; only a comment turns the server off.
    if (isSaid) return found;
    const before = files.get(uri);
    if (before?.isOpen) return { ...found, kind: before.kind, because: 'It was one when it was opened.' };
    return languageId === configLanguageId
      ? { ...found, kind: 'config', because: 'It was given the language of configs.' }
      : found;
  }

  function kindOf(document: TextDocument): FileKind {
    const { uri, languageId } = document;
    return recogniseText({ uri, languageId, text: document.getText() }).kind;
  }

  function read({ document, isOpen, uri }: KnownFile): ConfigText {
    const known = isOpen ? readings.get(uri) : lastClosed;
    if (known?.uri === uri && known.text === document.getText()) return known;
    const config = configText(uri, document.getText());
    if (isOpen) readings.set(uri, config);
    else lastClosed = config;
    return config;
  }

  function forget(uri: string): readonly string[] {
    readings.delete(uri);
    files.delete(uri);
    identities.delete(uri);
    return workspace.delete(uri);
  }

  /** The same file under other names. */
  function twinsOf(uri: string): KnownFile[] {
    return identities.twins(uri).flatMap((twin) => files.get(twin) ?? []);
  }

  return {
    workspace,
    see(document, isOpen) {
      const { uri } = document;
      // The editor knows better what stands in a file that is open, whatever it calls it.
      if (!isOpen && twinsOf(uri).some((twin) => twin.isOpen)) return [];
      const closed = twinsOf(uri).filter((twin) => !twin.isOpen);
      const gone = closed.flatMap((twin) => [twin.uri, ...forget(twin.uri)]);
      const kind = kindOf(document);
      if (kind === 'foreign') return [...gone, ...forget(uri)];
      if (!isOpen) readings.delete(uri);
      const file: KnownFile = { uri, kind, document, isOpen };
      files.set(uri, file);
      identities.add(uri);
      const isMet = kind === 'config' && /^file:/i.test(uri);
      const met = isMet ? workspace.set(factsOf(uri, read(file).read)) : workspace.delete(uri);
      return [...gone, ...met];
    },
    forget(uri) {
      const closed = twinsOf(uri).filter((twin) => !twin.isOpen);
      return [...forget(uri), ...closed.flatMap((twin) => [twin.uri, ...forget(twin.uri)])];
    },
    recognise: recogniseText,
    get: (uri) => files.get(uri),
    all: () => files.values(),
    identityOf: identities.of,
    config(uri) {
      const file = files.get(uri);
      return file?.kind === 'config' ? read(file) : undefined;
    },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
