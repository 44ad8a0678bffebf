import { describe, expect, test } from 'vitest';
import { boxesOf, detectionsIn } from '../../../web/try/detections.ts';
import type { Output } from '../../../web/try/outcome.ts';

const output = (name: string, shape: number[], ...data: number[]): Output => ({ name, shape, data });
const size = { width: 100, height: 50 };

describe('detections', () => {
  test('are boxes, scores and classes in tensors of their own, as torchvision has them', () => {
    const found = detectionsIn([
      output('boxes', [2, 4], 10, 5, 60, 30, 0, 0, 20, 10),
      output('labels', [2], 3, 7),
      output('scores', [2], 0.4, 0.9),
    ]);
    expect(found).toMatchObject({ form: 'xyxy', areShares: false, scores: [0.4, 0.9], classes: [3, 7] });
    expect(found && boxesOf(found, found.form, 0.3, size)).toEqual([
      { left: 0, top: 0, width: 0.2, height: 0.2, score: 0.9, class: 7 },
      { left: 0.1, top: 0.1, width: 0.5, height: 0.5, score: 0.4, class: 3 },
    ]);
    expect(found && boxesOf(found, found.form, 0.5, size)).toHaveLength(1);
  });

  test("are TensorFlow's, whose boxes have y first, in parts of the sides", () => {
    const found = detectionsIn([
      output('detection_boxes', [1, 1, 4], 0.1, 0.2, 0.5, 0.8),
      output('detection_classes', [1, 1], 17),
      output('detection_scores', [1, 1], 0.75),
      output('num_detections', [1], 1),
    ]);
    const [box] = found ? boxesOf(found, found.form, 0, size) : [];
    expect(box).toMatchObject({ score: 0.75, class: 17 });
    expect([box?.left, box?.top, box?.width, box?.height].map((value) => value?.toFixed(2))).toEqual([
      '0.20',
      '0.10',
      '0.60',
      '0.40',
    ]);
  });

  test('are rows of six: the corners, the score and the class', () => {
    const found = detectionsIn([output('output0', [1, 2, 6], 1, 2, 11, 12, 0.9, 0, 3, 4, 13, 14, 0.2, 5)]);
    expect(found).toMatchObject({ form: 'xyxy', scores: [0.9, 0.2], classes: [0, 5] });
  });

  test("are OpenVINO's rows of seven, up to the row that ends them", () => {
    const found = detectionsIn([
      output(
        'detection_out',
        [1, 1, 3, 7],
        0,
        1,
        0.8,
        0.1,
        0.1,
        0.4,
        0.4,
        -1,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
      ),
    ]);
    expect(found).toMatchObject({
      boxes: [[0.1, 0.1, 0.4, 0.4]],
      scores: [0.8],
      classes: [1],
      areShares: true,
    });
  });

  test('are rows of seven with the score at their end', () => {
    const found = detectionsIn([output('output', [1, 7], 0, 10, 20, 30, 40, 2, 0.95)]);
    expect(found).toMatchObject({ boxes: [[10, 20, 30, 40]], scores: [0.95], classes: [2] });
  });

  test('whose second corner lies before the first are centres with sizes', () => {
    const found = detectionsIn([output('boxes', [1, 1, 4], 50, 25, 20, 10), output('scores', [1, 1], 0.5)]);
    expect(found?.form).toBe('xywh');
    const [box] = found ? boxesOf(found, 'xywh', 0, size) : [];
    expect([box?.left, box?.top, box?.width, box?.height]).toEqual([0.4, 0.4, 0.2, 0.2]);
  });

  test.each<readonly [string, readonly Output[]]>([
    ['classes of an image', [output('p', [1, 10], ...Array<number>(10).fill(0.1))]],
    [
      'four classes beside a score',
      [output('p', [1, 4], 0.1, 0.2, 0.3, 0.4), output('confidence', [1], 0.5)],
    ],
    ['boxes without scores', [output('boxes', [1, 4], 1, 2, 3, 4)]],
    ['six columns of anything', [output('x', [1, 6], 1, 2, 3, 4, 5, 6)]],
    ['six columns with a class that is none', [output('x', [1, 6], 1, 2, 3, 4, 0.5, 0.5)]],
    ['a batch of images', [output('x', [2, 1, 6], ...Array<number>(12).fill(0))]],
    ['strings', [{ name: 's', shape: [1, 6], data: ['a', 'b', 'c', 'd', 'e', 'f'] }]],
    ['nothing at all', []],
    ['no rows', [output('x', [1, 0, 6])]],
  ])('are not seen in %s', (_, outputs) => {
    expect(detectionsIn(outputs)).toBeUndefined();
  });
});
