import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import oniguruma from 'vscode-oniguruma';
import textmate, { type IGrammar } from 'vscode-textmate';
import { configKeys, keyNames } from '../../../schemas/config/configKeys.ts';

let grammar: IGrammar;

beforeAll(async () => {
  const wasm = readFileSync(createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => oniguruma.createOnigScanner(sources),
      createOnigString: (text) => oniguruma.createOnigString(text),
    }),
    loadGrammar: (scope) => {
      if (scope !== 'source.yaml.cluster-serving') return Promise.resolve(null);
      const path = fileURLToPath(
        new URL('../../../syntaxes/cluster-serving.tmLanguage.json', import.meta.url),
      );
      return Promise.resolve(textmate.parseRawGrammar(readFileSync(path, 'utf8'), path));
    },
  });
  const loaded = await registry.loadGrammar('source.yaml.cluster-serving');
  if (!loaded) throw new Error('no grammar');
  grammar = loaded;
});

/** The words of a line with the most special of their scopes; blanks and words that are left to YAML are passed over. */
function scopes(line: string): [string, string][] {
  return grammar
    .tokenizeLine(line, textmate.INITIAL)
    .tokens.map(({ startIndex, endIndex, scopes: all }): [string, string] => [
      line.slice(startIndex, endIndex),
      all.at(-1) ?? '',
    ])
    .filter(([word, scope]) => word.trim() !== '' && scope !== 'source.yaml.cluster-serving');
}

const scopeOf = (line: string, word: string) => scopes(line).find(([found]) => found.trim() === word)?.[1];

describe('the grammar', () => {
  test('knows every key and its older names, in any case', () => {
    for (const key of keyNames) {
      const row = configKeys[key];
      for (const name of [key, key.toLowerCase(), ...('aliases' in row ? row.aliases : [])])
        expect([name, scopeOf(`  ${name}: x`, name)]).toEqual([
          name,
          'support.type.property-name.cluster-serving',
        ]);
    }
    expect(scopeOf('modelPaths: x', 'modelPaths')).toBeUndefined();
    expect(scopeOf('modelPath:x', 'modelPath')).toBeUndefined();
  });

  test('knows the older form and what is dead in it', () => {
    expect(scopeOf('model:', 'model')).toBe('support.type.property-name.section.cluster-serving');
    expect(scopeOf('  path: /m', 'path')).toBe('support.type.property-name.nested.cluster-serving');
    expect(scopeOf('  core_number: 4', 'core_number')).toBe(
      'support.type.property-name.nested.cluster-serving',
    );
    expect(scopeOf('performance_mode: 1', 'performance_mode')).toBe('invalid.deprecated.key.cluster-serving');
  });

  test.each([
    ['postProcessing: topN(5) # c', 'topN', 'support.function.filter.cluster-serving'],
    ['postProcessing: pickTopN( 5 )', '5', 'constant.numeric.integer.yaml'],
    ['redisUrl: my-host.local:6379', 'my-host.local', 'string.unquoted.host.cluster-serving'],
    ['redisUrl: 10.0.0.1:6379 # c', '6379', 'constant.numeric.port.cluster-serving'],
    ['redisUrl: "h:6379"', '6379', 'constant.numeric.port.cluster-serving'],
    ['redisMaxMemory: 512mb', 'mb', 'keyword.other.unit.cluster-serving'],
    ['redisMaxMemory: 4g', '4', 'constant.numeric.size.cluster-serving'],
    ['imageResize: 224, 448', '224', 'constant.numeric.height.cluster-serving'],
    ['imageResize: 224, 448', '448', 'constant.numeric.width.cluster-serving'],
    ['redisSecureEnabled: yes', 'yes', 'constant.language.boolean.yaml'],
    ['batchSize: 64 # c', '64', 'constant.numeric.integer.yaml'],
    ['batchSize: 64 # c', '# c', 'comment.line.number-sign.yaml'],
    [
      'redisPassword: ${env:REDIS_PASSWORD}',
      '${env:REDIS_PASSWORD}',
      'variable.other.environment.cluster-serving',
    ],
    ['modelPath: /m/4g/on', '/m/4g/on', 'string.unquoted.yaml'],
    ['modelPath: a#b', 'a', 'string.unquoted.yaml'],
    ['# modelPath: /m', '# modelPath: /m', 'comment.line.number-sign.yaml'],
    [
      '# cluster-serving-disable-next-line unknown-key',
      'cluster-serving-disable-next-line',
      'keyword.control.cluster-serving',
    ],
  ])('%s: %s', (line, word, scope) => {
    expect(scopeOf(line, word)).toBe(scope);
  });
});
