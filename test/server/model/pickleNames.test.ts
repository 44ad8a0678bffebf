import { describe, expect, test } from 'vitest';
import { holdsTensorsOnly, pickleNames } from '../../../server/src/model/recognise/pickleNames.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const namesOf = (text: string) => [...(pickleNames(bytes(text)) ?? ['no pickle'])];

describe('the names that a pickle looks up', () => {
  test.each([
    ['none', '\x80\x04K\x01.', []],
    ['a global', '\x80\x02ccollections\nOrderedDict\nq\x00)R.', ['collections.OrderedDict']],
    ['an instance of old', '\x80\x02(i__main__\nNet\n.', ['__main__.Net']],
    ['texts of later protocols', '\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93.', ['os.system']],
    [
      'a text that was pushed before',
      '\x80\x04\x8c\x02os\x94\x8c\x04path\x94\x93h\x00\x8c\x01x\x94\x93.',
      ['os.path', 'os.x'],
    ],
    ['what only looks like one, in a text', '\x80\x02X\x0c\x00\x00\x00cos\nsystem\n)q.', []],
    ['those before its end is cut off', '\x80\x02cos\nsystem\nX\xff', ['os.system']],
    ['those before what is no opcode', '\x80\x02cos\nsystem\n\xff', ['os.system']],
  ])('%s', (_, text, names) => {
    expect(namesOf(text)).toEqual(names);
  });

  test('are not looked for in what is no pickle', () => {
    expect(pickleNames(bytes('PK\x03\x04'))).toBeUndefined();
    expect(pickleNames(bytes(''))).toBeUndefined();
  });
});

test('tensors and plain containers are weights, and any other name is not', () => {
  const isWeights = (...names: readonly string[]) => holdsTensorsOnly(new Set(names));
  expect(isWeights('collections.OrderedDict', 'torch._utils._rebuild_tensor_v2', 'torch.FloatStorage')).toBe(
    true,
  );
  expect(isWeights('builtins.set', 'torch.bfloat16', 'numpy._core.multiarray.scalar')).toBe(true);
  for (const name of [
    'builtins.eval',
    'os.system',
    '__main__.Net',
    'torch.nn.modules.linear.Linear',
    'torch.jit._script.x',
  ])
    expect(isWeights('collections.OrderedDict', name)).toBe(false);
});
