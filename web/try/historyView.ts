import type { TryModel } from '../../schemas/pages.ts';
import { around, element } from '../design/element.ts';
import { figure } from '../design/figure.ts';
import { rankingsOf } from './classes.ts';
import type { Entry } from './tryHistory.ts';
import type { Text } from './texts.ts';

/** The last requests, to look at again. */
export interface HistoryView {
  readonly box: HTMLElement;
  draw(
    entries: readonly Entry[],
    shown: number | undefined,
    labelsOf: (entry: Entry) => TryModel['labels'],
  ): void;
}

const longestText = 60;

export function createHistoryView(t: Text, onChoose: (entry: Entry) => void): HistoryView {
  const list = element('ol', 'history');
  const box = around('section', 'card stack', element('h2', '', t('Last requests')), list);
  box.hidden = true;
  return {
    box,
    draw(entries, shown, labelsOf) {
      box.hidden = entries.length === 0;
      const focused = list.contains(document.activeElement)
        ? document.activeElement?.getAttribute('data-id')
        : undefined;
      list.replaceChildren(
        ...entries.map((entry) => {
          const row = element('button', 'entry');
          row.type = 'button';
          row.dataset.id = String(entry.id);
          row.setAttribute('aria-pressed', String(entry.id === shown));
          row.append(
            element('span', 'muted mono', new Date(entry.at).toLocaleTimeString([], { hourCycle: 'h23' })),
            element('span', 'what', sentText(entry)),
            element(
              'span',
              resultIsBad(entry) ? 'result bad' : 'result',
              resultText(entry, labelsOf(entry), t),
            ),
            element('span', 'muted mono', entry.reply ? t('{0} ms', figure(entry.reply.totalMs)) : ''),
          );
          row.addEventListener('click', () => onChoose(entry));
          return around('li', '', row);
        }),
      );
      for (const made of list.querySelectorAll('button')) if (made.dataset.id === focused) made.focus();
    },
  };
}

function sentText({ sent }: Entry): string {
  return sent.kind === 'image' ? sent.name : sent.text.replace(/\s+/g, ' ').slice(0, longestText);
}

function resultIsBad({ reply }: Entry): boolean {
  return reply?.outcomes.some((outcome) => 'error' in outcome) === true;
}

/** The best class, or what went wrong. */
function resultText({ reply }: Entry, labels: TryModel['labels'], t: Text): string {
  if (!reply) return '…';
  const [first] = reply.outcomes;
  if (!first) return '';
  if ('error' in first) return first.error.slice(0, longestText);
  const [best] = rankingsOf(first, labels)[0]?.classes ?? [];
  const text = best
    ? (best.name ?? t('class {0}', best.index))
    : 'outputs' in first
      ? first.outputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' ')
      : '';
  return reply.outcomes.length > 1 ? `${text} … (${reply.outcomes.length})` : text;
}
