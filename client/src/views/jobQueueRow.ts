import type { QueueFigures } from '../../../schemas/jobEvents.ts';
import type { Flow } from '../jobs/flow.ts';
import type { Ages } from './ages.ts';
import { short, span, type Row, type Translate } from './figures.ts';

const arrows = { grows: '↑', shrinks: '↓', steady: '→' } as const;

/** A job's queue and its figures. The age of the oldest record is what users of a slow service notice first. */
export function jobQueueRow(id: string, queue: QueueFigures, flow: Flow, t: Translate, ages: Ages): Row {
  const { waiting, pending, dead, oldestAgeMs } = queue;
  const level = oldestAgeMs >= ages.redMs ? 'red' : oldestAgeMs >= ages.yellowMs ? 'yellow' : 'normal';
  const age = t('oldest {0}', span(oldestAgeMs));
  const end = endText(waiting + pending, flow, t);
  const facts = [
    `${t('{0} waiting', short(waiting))} ${arrows[flow.trend]}`,
    t('{0} pending', short(pending)),
    ...(dead > 0 ? [t('{0} dead', short(dead))] : []),
    ...(oldestAgeMs > 0 ? [age] : []),
    ...(end === undefined ? [] : [end]),
  ];
  const row = (name: string, label: string, description: string, icon: string, color?: string): Row => ({
    id: `${id}/queue/${name}`,
    label,
    description,
    tooltip: `${label}: ${description}`,
    icon,
    ...(color === undefined ? {} : { color }),
    context: 'figure',
  });
  const shown = appearances[level];
  return {
    id: `${id}/queue`,
    label: t('Queue'),
    description: facts.join(' · '),
    tooltip: facts.join('\n'),
    ...shown,
    icon: level === 'normal' ? 'list-ordered' : shown.icon,
    context: 'queue',
    children: [
      row('waiting', t('Waiting'), `${short(waiting)} ${arrows[flow.trend]} ${trendText(flow, t)}`, 'inbox'),
      row('pending', t('Pending'), short(pending), 'loading'),
      row('dead', t('Dead letters'), short(dead), 'trash', dead > 0 ? 'list.errorForeground' : undefined),
      row(
        'in',
        t('In'),
        flow.inPerSecond === undefined ? t('not counted by this Redis') : rate(flow.inPerSecond),
        'arrow-down',
      ),
      row('out', t('Out'), rate(flow.outPerSecond), 'arrow-up'),
      row(
        'age',
        t('Oldest record'),
        oldestAgeMs > 0 ? span(oldestAgeMs) : t('none'),
        shown.icon,
        'color' in shown ? shown.color : undefined,
      ),
      row('drain', t('Drained in'), end ?? t('nothing waits'), 'watch'),
    ],
  };
}

const appearances = {
  red: { icon: 'error', color: 'list.errorForeground' },
  yellow: { icon: 'warning', color: 'list.warningForeground' },
  normal: { icon: 'history' },
} as const;

function endText(backlog: number, { drainMs, inPerSecond }: Flow, t: Translate): string | undefined {
  if (drainMs !== undefined) return t('drained in {0}', span(drainMs));
  if (backlog === 0) return undefined;
  return inPerSecond === undefined ? t('nothing goes out') : t('more comes than goes out');
}

function trendText({ trend }: Flow, t: Translate): string {
  switch (trend) {
    case 'grows':
      return t('grows');
    case 'shrinks':
      return t('shrinks');
    case 'steady':
      return t('steady');
  }
}

function rate(perSecond: number): string {
  return `${perSecond < 10 ? Number(perSecond.toFixed(1)) : short(perSecond)}/s`;
}
