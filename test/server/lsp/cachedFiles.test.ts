import { describe, expect, it } from 'vitest';
import { cachedFiles } from '../../../server/src/lsp/cachedFiles.ts';
import { nodeFiles } from '../../../server/src/workspace/nodeFiles.ts';
import type { Files, Place } from '../../../server/src/language/files.ts';

/** A disk in memory that counts what it is asked. */
function aDisk() {
  const asked: string[] = [];
  const contents = new Map<string, string>();
  const files: Files = {
    ...nodeFiles(),
    look(path): Promise<Place> {
      asked.push(`look ${path}`);
      return Promise.resolve({ kind: contents.has(path) ? 'file' : 'missing' });
    },
    bytes(path, start, count) {
      asked.push(`bytes ${path} ${start} ${count}`);
      const text = contents.get(path);
      return Promise.resolve(
        text === undefined ? undefined : new TextEncoder().encode(text.slice(start, start + count)),
      );
    },
  };
  return { asked, contents, files };
}

const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

describe('files that are asked for again within a second', () => {
  it('are looked at once', async () => {
    const { asked, files } = aDisk();
    const cached = cachedFiles(files, () => 0);
    await cached.look('/m');
    await cached.look('/m');
    await cached.look('/n');
    expect(asked).toEqual(['look /m', 'look /n']);
  });

  it('are read once for each part', async () => {
    const { asked, contents, files } = aDisk();
    contents.set('/m/a.onnx', 'abcdef');
    const cached = cachedFiles(files, () => 0);
    const parts = [await cached.bytes('/m/a.onnx', 0, 2), await cached.bytes('/m/a.onnx', 2, 2)];
    expect(parts.map(textOf)).toEqual(['ab', 'cd']);
    expect(textOf(await cached.bytes('/m/a.onnx', 0, 2))).toBe('ab');
    expect(textOf(await cached.bytes('/m/a.onnx', 2, 2))).toBe('cd');
    expect(asked).toEqual(['bytes /m/a.onnx 0 2', 'bytes /m/a.onnx 2 2']);
  });

  it('are read each time where the part is long, so that no model is kept in memory', async () => {
    const { asked, contents, files } = aDisk();
    contents.set('/m/a.onnx', 'abcdef');
    const cached = cachedFiles(files, () => 0);
    await cached.bytes('/m/a.onnx', 0, 1_000_000);
    await cached.bytes('/m/a.onnx', 0, 1_000_000);
    expect(asked).toHaveLength(2);
  });

  it('are asked for again when the second is over', async () => {
    const { contents, files } = aDisk();
    let time = 5_000;
    const cached = cachedFiles(files, () => time);
    expect(await cached.look('/m')).toEqual({ kind: 'missing' });
    expect(await cached.bytes('/m', 0, 4)).toBeUndefined();
    contents.set('/m', 'here');
    time += 999;
    expect(await cached.look('/m')).toEqual({ kind: 'missing' });
    expect(await cached.bytes('/m', 0, 4)).toBeUndefined();
    time += 1;
    expect(await cached.look('/m')).toEqual({ kind: 'file' });
    expect(textOf(await cached.bytes('/m', 0, 4))).toBe('here');
  });
});

describe('a path that has changed', () => {
  it.each(['/m', '/m/a.onnx'])('is forgotten with what lies below it: %s', async (changed) => {
    const { contents, files } = aDisk();
    contents.set('/m/a.onnx', 'old');
    const cached = cachedFiles(files, () => 0);
    await cached.bytes('/m/a.onnx', 0, 8);
    contents.set('/m/a.onnx', 'new');
    cached.forget(changed);
    expect(textOf(await cached.bytes('/m/a.onnx', 0, 8))).toBe('new');
  });

  it('takes nothing with it whose name only begins alike', async () => {
    const { asked, contents, files } = aDisk();
    contents.set('/model2/a.onnx', 'old');
    const cached = cachedFiles(files, () => 0);
    await cached.bytes('/model2/a.onnx', 0, 8);
    cached.forget('/model');
    await cached.bytes('/model2/a.onnx', 0, 8);
    expect(asked).toHaveLength(1);
  });

  it('is forgotten below a folder of Windows', async () => {
    const { asked, files } = aDisk();
    const cached = cachedFiles(files, () => 0);
    await cached.look('C:\\models\\a');
    cached.forget('C:\\models');
    await cached.look('C:\\models\\a');
    expect(asked).toHaveLength(2);
  });
});
