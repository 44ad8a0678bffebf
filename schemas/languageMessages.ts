/** What our editor extension and the language server say to each other beyond the protocol. */

/** Asks whose file a YAML text is, before it gets a language of its own. Takes `{ text }`, answers `Recognised`. */
export const recogniseRequest = 'clusterServing/recognise';

export interface Recognised {
  readonly kind: 'config' | 'servables' | 'foreign';
  /** One sentence, for whoever wonders. */
  readonly because: string;
  /** How many keys of ours the file has: a foreign file with some may be one of ours after all. */
  readonly ownKeys: number;
}
