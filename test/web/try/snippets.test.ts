import { describe, expect, test } from 'vitest';
import { snippetLanguages, snippetOf, type SnippetRequest } from '../../../web/try/snippets.ts';

const image = (more: Partial<SnippetRequest> = {}): SnippetRequest => ({
  url: 'http://h:10020/predict',
  body: { kind: 'image', fileName: 'a cat.png', type: 'image/png' },
  hasKey: false,
  ...more,
});
const json = (text: string): SnippetRequest => image({ body: { kind: 'json', text } });

describe.each(snippetLanguages)('a request in %s', (language) => {
  test('names the address, the type and the file of an image', () => {
    const code = snippetOf(language, image());
    for (const part of ['http://h:10020/predict', 'image/png', 'a cat.png']) expect(code).toContain(part);
  });

  test('takes the key from the environment, and only where there is one', () => {
    expect(snippetOf(language, image({ hasKey: true }))).toContain('CLUSTER_SERVING_API_KEY');
    expect(snippetOf(language, image())).not.toMatch(/authorization/i);
  });

  test('reads a long body from a file, and says that it has to be saved', () => {
    const code = snippetOf(language, json(`{"instances": [${'0,'.repeat(5_000)}0]}`));
    expect(code.length).toBeLessThan(1_000);
    expect(code).toMatch(/Save the body of the request as request\.json/);
  });

  test('ends with the end of a line', () => {
    expect(snippetOf(language, json('{}')).endsWith('\n')).toBe(true);
  });
});

test('a shell takes what is in the body for text', () => {
  const code = snippetOf('curl', json(`{"x": "it's $(rm -rf) \`x\`"}`));
  expect(code).toContain(`'{"x": "it'\\''s $(rm -rf) \`x\`"}'`);
});
