import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PlaceWatch } from '../../../../server/src/lsp/host/host.ts';
import { watchPlaces } from '../../../../server/src/lsp/host/watchPlaces.ts';

let folder = '';
let places: PlaceWatch;
let told: string[] = [];
let wake: (() => void) | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'));
  told = [];
  places = watchPlaces((paths) => {
    told.push(...paths);
    wake?.();
  });
});

afterEach(() => {
  places.close();
  rmSync(folder, { recursive: true, force: true });
});

const next = () =>
  new Promise<void>((resolve) => {
    wake = resolve;
  });

test('a path is reported when it appears, when something in it changes, and when it vanishes', async () => {
  const place = join(folder, 'a', 'b');
  expect(places.set(new Set([place]))).toBe(true);
  expect(places.set(new Set([place]))).toBe(false);
  for (const act of [
    () => mkdirSync(place, { recursive: true }),
    () => writeFileSync(join(place, 'm.onnx'), ''),
    () => rmSync(join(folder, 'a'), { recursive: true }),
  ]) {
    told = [];
    const news = next();
    act();
    await news;
    expect(new Set(told)).toEqual(new Set([place]));
  }
});

test('what else happens around a path is not reported', async () => {
  const [place, other] = [join(folder, 'a'), join(folder, 'b')];
  places.set(new Set([place, join(other, 'c')]));
  const news = next();
  writeFileSync(join(folder, 'noise'), '');
  mkdirSync(other);
  await news;
  expect(told).not.toContain(place);
  expect(told).toContain(join(other, 'c'));
});
