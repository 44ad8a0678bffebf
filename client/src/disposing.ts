/** What lasts until it is disposed of. The editor's own `Disposable` is a class, which not everything here is. */
export interface Disposing {
  dispose(): void;
}
