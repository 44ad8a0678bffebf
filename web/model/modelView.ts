import type { TensorInfo } from '../../schemas/jobEvents.ts';
import type { LoadedReport, ModelMessage, ModelStructure } from '../../schemas/modelReport.ts';
import { around, element } from '../design/element.ts';
import { factsOf } from './modelFacts.ts';
import type { Text } from './texts.ts';

/** Draws what is known of a model into an element. */
export function drawModel(root: HTMLElement, message: ModelMessage, t: Text, language: string): void {
  switch (message.kind) {
    case 'loading':
      root.replaceChildren(said('notice', t('Loading the model…')));
      return;
    case 'failed':
      root.replaceChildren(said('notice bad', t('The model cannot be shown: {0}', message.message)));
      return;
    case 'report': {
      const { report } = message;
      const { loaded, trouble, structure } = report;
      const facts = element('dl', 'facts');
      for (const [name, value] of factsOf(report, t, language))
        facts.append(element('dt', '', name), element('dd', '', value));
      root.replaceChildren(
        ...(trouble ? [said('notice bad', t('It was not loaded: {0}', trouble.message))] : []),
        around(
          'div',
          'columns',
          around(
            'div',
            '',
            around('section', 'card stack', element('h2', '', t('Facts')), facts),
            ...(loaded ? [loadedCard(loaded, t)] : []),
          ),
          operatorsCard(structure, t, language),
        ),
      );
    }
  }
}

function said(className: string, text: string): HTMLElement {
  const made = element('p', className, text);
  made.setAttribute('role', 'status');
  return made;
}

function loadedCard({ inputs, outputs, sharing, notes }: LoadedReport, t: Text): HTMLElement {
  const table = element('table', 'signature');
  table.append(element('caption', 'unseen', t('Inputs and outputs')));
  table.append(headOf([t('Direction'), t('Name'), t('Type and shape')]));
  for (const [way, infos] of [
    [t('in'), inputs],
    [t('out'), outputs],
  ] as const)
    table.append(...infos.map((info) => tensorRow(way, info)));
  const verdict = sharing.shared ? t('Records may share runs') : t('Each record has a run of its own');
  return around(
    'section',
    'card stack',
    element('h2', '', t('Inputs and outputs')),
    scrolled('', t('Inputs and outputs'), table),
    around(
      'p',
      `notice sharing ${sharing.shared ? '' : 'warn'}`,
      element('b', '', `${verdict}: `),
      `${sharing.reason}.`,
    ),
    ...notes.map((note) => element('p', 'small', note)),
  );
}

/** What may be wider or longer than its place, and is scrolled by keys too. */
function scrolled(className: string, label: string, content: HTMLElement): HTMLElement {
  const made = around('div', `scroll ${className}`, content);
  made.tabIndex = 0;
  made.setAttribute('role', 'region');
  made.setAttribute('aria-label', label);
  return made;
}

function headOf(names: readonly string[]): HTMLElement {
  const cells = names.map((name) => {
    const cell = element('th', 'muted', name);
    cell.scope = 'col';
    return cell;
  });
  return around('thead', '', around('tr', '', ...cells));
}

function tensorRow(way: string, { name, type, shape }: TensorInfo): HTMLElement {
  const head = element('th', 'mono', name);
  head.scope = 'row';
  const form = `${type} [${shape.map((size) => size ?? '?').join(', ')}]`;
  return around('tr', '', element('td', 'muted', way), head, element('td', 'mono', form));
}

function operatorsCard(structure: ModelStructure | undefined, t: Text, language: string): HTMLElement {
  const title = element('h2', '', t('Operators'));
  if (!structure)
    return around(
      'section',
      'card stack',
      title,
      element('p', 'muted', t('The operators of this type of model are not read.')),
    );
  const { operators } = structure;
  const total = operators.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(1, ...operators.map(({ count }) => count));
  const table = element('table', 'operators');
  table.append(element('caption', 'unseen', t('Operators')));
  for (const { name, count } of operators) {
    const head = element('th', 'mono', name);
    head.scope = 'row';
    const fill = element('span', 'fill');
    fill.style.width = `${(100 * count) / most}%`;
    const track = around('td', 'track', fill);
    track.setAttribute('aria-hidden', 'true');
    const number = element('td', 'number', count.toLocaleString(language));
    number.title = t('Count');
    table.append(around('tr', '', head, number, track));
  }
  const list = scrolled('tall', t('Operators'), table);
  const summary = t('{0} operators of {1} kinds', total.toLocaleString(language), operators.length);
  return around('section', 'card stack', title, element('p', 'muted small', summary), list);
}
