/** Which URIs are those of one file. */
export interface Identities {
  readonly of: (uri: string) => string;
  add(uri: string): void;
  delete(uri: string): void;
  /** The other URIs of the same file that were added. */
  twins(uri: string): readonly string[];
}

/** The disk is asked once for each URI that was added: what a file was called stays true when it is gone.
 *  @param identityOf  asks it */
export function createIdentities(identityOf: (uri: string) => string): Identities {
  const known = new Map<string, string>();
  const groups = new Map<string, Set<string>>();
  const of = (uri: string) => known.get(uri) ?? identityOf(uri);

  return {
    of,
    add(uri) {
      if (known.has(uri)) return;
      const identity = identityOf(uri);
      known.set(uri, identity);
      groups.set(identity, (groups.get(identity) ?? new Set()).add(uri));
    },
    delete(uri) {
      const identity = known.get(uri);
      if (identity === undefined) return;
      known.delete(uri);
      const group = groups.get(identity);
      group?.delete(uri);
      if (group?.size === 0) groups.delete(identity);
    },
    twins: (uri) => [...(groups.get(of(uri)) ?? [])].filter((twin) => twin !== uri),
  };
}
