import type { InputPreview, RecordPreview } from '../../schemas/redis/queueReports.ts';
import { element } from '../design/element.ts';
import { figure } from '../design/figure.ts';

/** More values than this do not fit into a row. */
const shownValues = 6;

/** What a record holds, in a line: its inputs with their first values, or why it cannot be decoded. */
export function previewText({ inputs, error }: Pick<RecordPreview, 'inputs' | 'error'>): string {
  if (error !== undefined) return error;
  return inputs.map(inputText).join(' · ');
}

function inputText(input: InputPreview): string {
  switch (input.kind) {
    case 'image':
      return `${input.name}: ${input.format} ${input.width} × ${input.height}`;
    case 'text':
      return `${input.name}: ${input.texts.map((text) => JSON.stringify(text)).join(', ')}${more(input.count, input.texts.length)}`;
    case 'undecodable':
      return `${input.name}: ${input.error}`;
    default: {
      const values = input.values.slice(0, shownValues).map((value) => {
        return typeof value === 'number' && !Number.isInteger(value) ? figure(value) : String(value);
      });
      return `${input.name}: ${input.dtype}[${input.shape.join(', ')}] ${values.join(', ')}${more(input.count, values.length)}`;
    }
  }
}

function more(count: number, shown: number): string {
  return count > shown ? ', …' : '';
}

/** The cell of a preview: its first image, and the line. */
export function previewCell(preview: RecordPreview | undefined): HTMLElement {
  const cell = element('span', 'preview');
  if (!preview) return cell;
  const text = previewText(preview);
  const image = preview.inputs.find((input) => input.kind === 'image');
  if (image) {
    const shown = element('img');
    shown.src = image.thumbnail;
    // The text beside it says what it is.
    shown.alt = '';
    cell.append(shown);
  }
  cell.append(element('span', 'line', text));
  cell.title = text;
  return cell;
}
