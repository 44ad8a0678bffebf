import type { Output } from './outcome.ts';

/** What the four numbers of a box are. */
export const boxForms = ['xyxy', 'yxyx', 'xywh'] as const;
export type BoxForm = (typeof boxForms)[number];

/** Objects that a model has found in an image. */
export interface Detections {
  /** Four numbers for each. */
  readonly boxes: readonly (readonly [number, number, number, number])[];
  readonly scores: readonly number[];
  readonly classes: readonly (number | undefined)[];
  /** What the numbers most likely are; only the user knows. */
  readonly form: BoxForm;
  /** The numbers are parts of the sides of the image, not pixels. */
  readonly areShares: boolean;
}

/** A box over an image, in parts of its sides, from its upper left corner. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly score: number;
  readonly class?: number;
}

/** Finds the outputs that have the form of detections: boxes of four numbers with a score for each, as object detectors
 *  give them, in tensors of their own (boxes, scores, classes) or in one ([x, y, x, y, score, class], or OpenVINO's and
 *  SSD's [image, class, score, x, y, x, y]). */
export function detectionsIn(outputs: readonly Output[]): Detections | undefined {
  const own = outputs.map(rowsOf).find((rows) => rows !== undefined && [6, 7].includes(rows.width));
  if (outputs.length === 1 && own) return own.width === 6 ? ofSix(own) : ofSeven(own);
  return ofSeveral(outputs);
}

interface Rows {
  readonly name: string;
  readonly width: number;
  readonly rows: readonly (readonly number[])[];
}

/** The last axis as rows; undefined where the axes before the last two are longer than 1, or an element is no number. */
function rowsOf({ name, shape, data }: Output): Rows | undefined {
  const width = shape.at(-1) ?? 0;
  if (shape.length < 2 || shape.slice(0, -2).some((size) => size !== 1)) return undefined;
  if (!data.every((value) => typeof value === 'number')) return undefined;
  const count = shape.at(-2) ?? 0;
  const rows = Array.from({ length: count }, (_, i) => data.slice(i * width, (i + 1) * width));
  return { name, width, rows };
}

function ofSix({ rows }: Rows): Detections | undefined {
  if (!rows.every(([, , , , score = -1, kind = -1]) => isScore(score) && isClass(kind))) return undefined;
  return judged(rows.map((row) => ({ box: row.slice(0, 4), score: row[4] ?? 0, class: row[5] })));
}

/** Two orders are in use: the score before the corners, or after them. */
function ofSeven({ rows }: Rows): Detections | undefined {
  // A row that begins with -1 ends the list.
  const end = rows.findIndex(([first = 0]) => first < 0);
  const used = end < 0 ? rows : rows.slice(0, end);
  if (used.every(([, kind = -1, score = -1]) => isClass(kind) && isScore(score)))
    return judged(used.map((row) => ({ box: row.slice(3), score: row[2] ?? 0, class: row[1] })));
  if (used.every((row) => isClass(row[5] ?? -1) && isScore(row[6] ?? -1)))
    return judged(used.map((row) => ({ box: row.slice(1, 5), score: row[6] ?? 0, class: row[5] })));
  return undefined;
}

function ofSeveral(outputs: readonly Output[]): Detections | undefined {
  const boxes = outputs.map(rowsOf).find((rows) => rows?.width === 4 && rows.rows.length > 0);
  if (!boxes || areProbabilities(boxes)) return undefined;
  const count = boxes.rows.length;
  const lists = outputs.flatMap(({ name, shape, data }) =>
    name !== boxes.name &&
    data.length === count &&
    shape.at(-1) === count &&
    data.every((one) => typeof one === 'number')
      ? [{ name, values: data }]
      : [],
  );
  const scores =
    lists.find(({ name, values }) => /score|conf|prob/i.test(name) && values.every(isScore)) ??
    lists.find(({ values }) => values.every(isScore) && !values.every(isClass));
  if (!scores) return undefined;
  const kinds = lists.find((list) => list !== scores && list.values.every(isClass));
  // TensorFlow's detectors name their boxes so, and give y before x.
  const form = boxes.name.includes('detection_boxes') ? 'yxyx' : undefined;
  return judged(
    boxes.rows.map((box, i) => ({ box, score: scores.values[i] ?? 0, class: kinds?.values[i] })),
    form,
  );
}

/** Four classes look like boxes, but for their sum. */
function areProbabilities({ rows }: Rows): boolean {
  return rows.every(
    (row) =>
      row.every((value) => value >= 0) && Math.abs(row.reduce((sum, value) => sum + value, 0) - 1) < 0.01,
  );
}

interface Found {
  readonly box: readonly number[];
  readonly score: number;
  readonly class: number | undefined;
}

function judged(found: readonly Found[], form?: BoxForm): Detections | undefined {
  const boxes = found.map(({ box: [a = 0, b = 0, c = 0, d = 0] }) => [a, b, c, d] as const);
  if (boxes.length === 0) return undefined;
  const areShares = boxes.every((box) => box.every((value) => value >= -0.5 && value <= 1.5));
  const areCorners = boxes.every(([a, b, c, d]) => c >= a && d >= b);
  return {
    boxes,
    scores: found.map(({ score }) => score),
    classes: found.map((one) => one.class),
    form: form ?? (areCorners ? 'xyxy' : 'xywh'),
    areShares,
  };
}

/** Scores of floats may be a little more than 1. */
function isScore(value: number): boolean {
  return value >= 0 && value <= 1.001;
}

function isClass(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}

/** The boxes to draw, the best first.
 *  @param least  the least score
 *  @param size  of the image that the model got, in pixels */
export function boxesOf(
  { boxes, scores, classes, areShares }: Detections,
  form: BoxForm,
  least: number,
  size: { readonly width: number; readonly height: number },
): readonly Box[] {
  const [wide, tall] = areShares ? [1, 1] : [size.width, size.height];
  return boxes
    .flatMap((box, i) => {
      const score = scores[i] ?? 0;
      if (score < least) return [];
      const [left, top, right, bottom] = corners(box, form);
      const kind = classes[i];
      return [
        {
          left: left / wide,
          top: top / tall,
          width: (right - left) / wide,
          height: (bottom - top) / tall,
          score,
          ...(kind === undefined ? {} : { class: kind }),
        },
      ];
    })
    .sort((a, b) => b.score - a.score);
}

function corners(
  [a, b, c, d]: Detections['boxes'][number],
  form: BoxForm,
): readonly [number, number, number, number] {
  switch (form) {
    case 'xyxy':
      return [a, b, c, d];
    case 'yxyx':
      return [b, a, d, c];
    case 'xywh':
      return [a - c / 2, b - d / 2, a + c / 2, b + d / 2];
  }
}
