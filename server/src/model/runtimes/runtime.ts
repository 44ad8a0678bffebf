import type { ServingError } from '../../../../schemas/errors.ts';
import type { ModelType } from '../../../../schemas/runtimes.ts';
import type { ModelSource, Session, SessionHost, SessionOptions } from '../session.ts';

/** Something that runs models: the row type of the table of runtimes. Another one is another row. */
export interface Runtime {
  /** The types of models that it runs. */
  readonly types: readonly ModelType[];

  /** Where it is on this machine; undefined where it has to be installed first. Looks at files only. */
  find(where: SearchPlaces): RuntimePlace | undefined;

  /** Loads the runtime itself. To be called in a process of its own: a broken native library may end it.
   *  @returns its name and version. @throws what is wrong */
  check(place: string): Promise<string>;

  /** Set where models are held in processes of their own: then a run blocks no thread, and none is started for it. */
  readonly isApart?: true;

  /** Loads a model on the calling thread. @throws what `explain` makes a sentence of */
  load(options: SessionOptions, host: SessionHost): Promise<Session>;

  /** What the error of a failed load means, and what to do. */
  explain(error: unknown, source: ModelSource): ServingError;
}

/** What decides where a runtime is looked for. */
export interface SearchPlaces {
  /** What the config names by the key of the runtime: an absolute path; for Python also the name of a program. */
  readonly configured: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `cluster-serving runtime install` puts runtimes. */
  readonly installedIn: string;
}

export interface RuntimePlace {
  /** What `load` and `check` get: a file, or empty for what comes with the package. */
  readonly place: string;
  /** For people: why this one. */
  readonly from: string;
}
