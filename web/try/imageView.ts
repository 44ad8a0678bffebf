import type { TryModel } from '../../schemas/pages.ts';
import { around, chooser, element } from '../design/element.ts';
import { figure } from '../design/figure.ts';
import { boxForms, boxesOf, detectionsIn, type BoxForm, type Detections } from './detections.ts';
import type { Sent } from './host.ts';
import { resized, sizeOfInput, type ImageSize } from './imageInput.ts';
import type { Outcome } from './outcome.ts';
import type { Message, Text } from './texts.ts';

/** An image as it was sent, as the model gets it, and what the model has found in it. */

const shownSide = 220;
const smallSide = 150;
const firstLeastScore = 0.5;

const formTexts = {
  xyxy: 'left, top, right, bottom',
  yxyx: 'top, left, bottom, right',
  xywh: 'centre, width, height',
} as const satisfies Record<BoxForm, Message>;

/** @param outcome  undefined while it is waited for */
export function createImageView(
  sent: Extract<Sent, { readonly kind: 'image' }>,
  outcome: Outcome | undefined,
  model: TryModel,
  t: Text,
): HTMLElement {
  const box = element('div', 'stack');
  void draw();
  return box;

  async function draw(): Promise<void> {
    let bitmap: ImageBitmap;
    try {
      bitmap = await createImageBitmap(new Blob([sent.bytes], { type: sent.type }));
    } catch {
      box.append(
        element('p', 'notice warn', t('{0} cannot be shown here. It was sent as it is.', sent.name)),
      );
      return;
    }
    const info = model.inputs.find(({ name }) => name === sent.input) ?? model.inputs[0];
    const size = sizeOfInput(info);
    const canvas = imageCanvas(bitmap, t('{0}, as it was sent', sent.name));
    const images = around(
      'div',
      'row images',
      figureOf(canvas, t('as sent: {0} × {1} pixels', bitmap.width, bitmap.height)),
      ...(size && (size.width !== bitmap.width || size.height !== bitmap.height)
        ? [
            figureOf(
              modelCanvas(bitmap, size, t),
              t('as the model gets it: {0} × {1} pixels', size.width, size.height),
            ),
          ]
        : []),
    );
    const found = outcome && 'outputs' in outcome ? detectionsIn(outcome.outputs) : undefined;
    box.append(images, ...(found ? [boxTools(found, canvas, bitmap, size)] : []));
  }

  /** Whether the numbers are boxes, and which, only the user knows: they are drawn when asked for. */
  function boxTools(
    found: Detections,
    canvas: HTMLCanvasElement,
    bitmap: ImageBitmap,
    size: ImageSize | undefined,
  ): HTMLElement {
    let form = found.form;
    let least = firstLeastScore;
    const isOn = element('input');
    isOn.type = 'checkbox';
    const score = element('input');
    Object.assign(score, { type: 'range', min: '0', max: '1', step: '0.05', value: String(least) });
    const shown = element('span', 'mono', figure(least));
    const count = element('span', 'muted small');
    const more = around(
      'div',
      'row',
      chooser(
        t('Boxes are'),
        boxForms.map((value) => ({ value, text: t(formTexts[value]) })),
        form,
        (value) => {
          form = value as BoxForm;
          redraw();
        },
      ),
      around('label', 'small', t('Least score'), score, shown),
      count,
    );
    function redraw(): void {
      more.hidden = !isOn.checked;
      drawImage(canvas, bitmap);
      if (!isOn.checked) return;
      const boxes = boxesOf(found, form, least, size ?? bitmap);
      count.textContent = t('{0} of {1} boxes', boxes.length, found.boxes.length);
      const labels = Object.values(model.labels)[0] ?? [];
      drawBoxes(canvas, boxes, labels);
    }
    isOn.addEventListener('change', redraw);
    score.addEventListener('input', () => {
      least = Number(score.value);
      shown.textContent = figure(least);
      redraw();
    });
    more.hidden = true;
    return around('div', 'stack', around('label', '', isOn, t('Draw the outputs as boxes')), more);
  }
}

function figureOf(canvas: HTMLCanvasElement, text: string): HTMLElement {
  return around('figure', 'image', canvas, element('figcaption', 'muted small', text));
}

function imageCanvas(bitmap: ImageBitmap, label: string): HTMLCanvasElement {
  const canvas = element('canvas');
  const scale = shownSide / Math.max(bitmap.width, bitmap.height);
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  named(canvas, label);
  drawImage(canvas, bitmap);
  return canvas;
}

function drawImage(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.imageSmoothingEnabled = canvas.width < bitmap.width;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}

/** In the pixels that the model gets, each as large as can be. */
function modelCanvas(bitmap: ImageBitmap, size: ImageSize, t: Text): HTMLCanvasElement {
  const whole = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  const canvas = element('canvas', 'pixels');
  named(canvas, t('the image as the model gets it'));
  Object.assign(canvas, size);
  const scale = smallSide / Math.max(size.width, size.height);
  canvas.style.width = `${Math.round(size.width * scale)}px`;
  canvas.style.height = `${Math.round(size.height * scale)}px`;
  if (!whole) return canvas;
  whole.drawImage(bitmap, 0, 0);
  const pixels = resized(whole.getImageData(0, 0, bitmap.width, bitmap.height), size);
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, size.width, size.height), 0, 0);
  return canvas;
}

function drawBoxes(
  canvas: HTMLCanvasElement,
  boxes: ReturnType<typeof boxesOf>,
  labels: readonly string[],
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.font = '12px sans-serif';
  context.lineWidth = 2;
  // The best is drawn last, over the others.
  for (const { left, top, width, height, score, class: kind } of boxes.toReversed()) {
    const [x, y] = [left * canvas.width, top * canvas.height];
    context.strokeStyle = '#ffd33d';
    context.strokeRect(x, y, width * canvas.width, height * canvas.height);
    const text = `${kind === undefined ? '' : `${labels[kind] ?? String(kind)} `}${score.toFixed(2)}`;
    context.fillStyle = '#ffd33d';
    context.fillRect(x - 1, Math.max(0, y - 16), context.measureText(text).width + 8, 16);
    context.fillStyle = '#1c1c1c';
    context.fillText(text, x + 3, Math.max(12, y - 4));
  }
}

function named(canvas: HTMLCanvasElement, label: string): void {
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
}
