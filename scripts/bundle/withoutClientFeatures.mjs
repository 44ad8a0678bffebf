/** What the protocol's client brings and the language server does not offer, by the file that has it. Notebooks stay: the
 *  client's diagnostics ask their feature. */
const notUsed = {
  callHierarchy: ['CallHierarchyFeature'],
  fileOperations: ['DidCreate', 'DidRename', 'DidDelete', 'WillCreate', 'WillRename', 'WillDelete'].map(
    (name) => `${name}FilesFeature`,
  ),
  inlineCompletion: ['InlineCompletionItemFeature'],
  inlineValue: ['InlineValueFeature'],
  linkedEditingRange: ['LinkedEditingFeature'],
  semanticTokens: ['SemanticTokensFeature'],
  textDocumentContent: ['TextDocumentContentFeature'],
  typeHierarchy: ['TypeHierarchyFeature'],
};

/** A feature that asks for nothing and offers nothing. */
const none = `class None {
  fillClientCapabilities() {}
  initialize() {}
  getState() { return { kind: 'static' }; }
  clear() {}
}`;

export const withoutClientFeatures = {
  name: 'without features of the client',
  setup({ onLoad }) {
    for (const [file, features] of Object.entries(notUsed))
      onLoad(
        { filter: new RegExp(`vscode-languageclient[\\\\/]lib[\\\\/]common[\\\\/]${file}\\.js$`) },
        () => ({
          // Each is a class of its own.
          contents: features.map((name) => `exports.${name} = ${none};`).join('\n'),
        }),
      );
  },
};
