/** The TextMate grammar of a config: what YAML's own grammar does not distinguish is named here, keys that are known and
 *  the forms of their values; everything else is left to YAML's. */
export function grammar(configKeys, oldSections, deadKeys) {
  const rows = Object.entries(configKeys);
  const keys = rows.flatMap(([key, { aliases = [] }]) => [key, ...aliases]);
  const nested = rows.flatMap(([, { nested = [] }]) => nested.map((path) => path.split('.')[1]));
  const dead = Object.keys(deadKeys).map((path) => path.split('.').at(-1));
  const gone = dead.filter((name) => name !== '*' && !nested.includes(name));
  return {
    $schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
    name: 'Cluster Serving config',
    scopeName: 'source.yaml.cluster-serving',
    patterns: [
      { include: '#disable' },
      { include: '#comment' },
      entry(gone, 'invalid.deprecated.key.cluster-serving', ''),
      entry(keys, 'support.type.property-name.cluster-serving', ''),
      entry(oldSections, 'support.type.property-name.section.cluster-serving', ''),
      entry(nested, 'support.type.property-name.nested.cluster-serving', '[ \\t]+'),
      { include: 'source.yaml' },
    ],
    repository: {
      disable: {
        match: '^[ \\t]*(#)[ \\t]*(cluster-serving-disable-next-line)\\b(.*)$',
        name: 'comment.line.number-sign.yaml',
        captures: {
          2: { name: 'keyword.control.cluster-serving' },
          3: { name: 'entity.name.rule.cluster-serving' },
        },
      },
      comment: { match: '(?:^|(?<=\\s))#.*$', name: 'comment.line.number-sign.yaml' },
      value: {
        patterns: [
          { include: '#comment' },
          {
            match: '\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}',
            name: 'variable.other.environment.cluster-serving',
          },
          {
            match: '\\b(topN|pickTopN)(\\()\\s*(\\d+)\\s*(\\))',
            captures: {
              1: { name: 'support.function.filter.cluster-serving' },
              2: { name: 'punctuation.section.parens.cluster-serving' },
              3: { name: 'constant.numeric.integer.yaml' },
              4: { name: 'punctuation.section.parens.cluster-serving' },
            },
          },
          {
            match:
              '([A-Za-z0-9_.-]*[A-Za-z_][A-Za-z0-9_.-]*|\\d+(?:\\.\\d+){3})(:)(\\d{1,5})(?=["\']?\\s*(?:#|$))',
            captures: {
              1: { name: 'string.unquoted.host.cluster-serving' },
              2: { name: 'punctuation.separator.port.cluster-serving' },
              3: { name: 'constant.numeric.port.cluster-serving' },
            },
          },
          {
            match: '(?<![\\w.])(\\d+)\\s*(,)\\s*(\\d+)(?=["\']?\\s*(?:#|$))',
            captures: {
              1: { name: 'constant.numeric.height.cluster-serving' },
              2: { name: 'punctuation.separator.cluster-serving' },
              3: { name: 'constant.numeric.width.cluster-serving' },
            },
          },
          {
            match: '(?<![\\w./-])(\\d+)([kKmMgG][bB]?|[bB])(?=["\']?\\s*(?:#|$))',
            captures: {
              1: { name: 'constant.numeric.size.cluster-serving' },
              2: { name: 'keyword.other.unit.cluster-serving' },
            },
          },
          { match: '(?<![\\w./-])-?\\d+(?=["\']?\\s*(?:#|$))', name: 'constant.numeric.integer.yaml' },
          {
            match: '(?<![\\w./-])(?i:true|false|yes|no|on|off)(?=\\s*(?:#|$))',
            name: 'constant.language.boolean.yaml',
          },
          { match: '["\']', name: 'punctuation.definition.string.yaml' },
          { match: '[^\\s#"\'$][^#"\'$\\r\\n]*?(?=\\s*(?:#|["\'$]|$))', name: 'string.unquoted.yaml' },
        ],
      },
    },
  };
}

/** A key and the value on its line. Case does not matter, as it does not when the file is read. */
function entry(names, name, indent) {
  return {
    begin: `^(\\s*${indent})(["']?)((?i:${[...new Set(names)].join('|')}))(\\2)[ \\t]*(:)(?=\\s|$)`,
    end: '$',
    beginCaptures: {
      3: { name: `entity.name.tag.yaml ${name}` },
      5: { name: 'punctuation.separator.key-value.yaml' },
    },
    patterns: [{ include: '#value' }],
  };
}
