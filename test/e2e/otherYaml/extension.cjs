// An extension that answers for all YAML, for a test that ours and it do not answer twice.
const vscode = require('vscode');

exports.activate = () => {
  vscode.languages.registerHoverProvider('yaml', {
    provideHover: () => new vscode.Hover('Hover of the other extension'),
  });
  vscode.languages.registerCompletionItemProvider('yaml', {
    provideCompletionItems: () => [new vscode.CompletionItem('otherKey')],
  });
};
