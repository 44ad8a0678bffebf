/** What scripts/e2e.mjs has made: the parts of a window under test. */
export const made = JSON.parse(process.env.CLUSTER_SERVING_E2E ?? '{}') as {
  readonly node: string;
  readonly server: string;
  /** The folder of extensions into which the package is installed. */
  readonly extensions: string;
  /** The folder that the package was made of. */
  readonly unpacked: string;
  readonly chromium: string;
  /** The suite that runs in a browser. */
  readonly webSuite: string;
  readonly editorSuite: {
    readonly folder: string;
    readonly suite: string;
    readonly workspace: string;
    readonly config: string;
    readonly env: Readonly<Record<string, string>>;
  };
};
