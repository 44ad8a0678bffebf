import { storeName } from '../../../schemas/kafka/storeName.ts';
import { beginning } from '../../../schemas/printable.ts';
import type {
  ConsumerReport,
  DeadLetter,
  GroupReport,
  QueueReport,
  WaitingRecord,
} from '../../../schemas/redis/queueReports.ts';
import type { HeldRecord } from '../jobs/queues/queues.ts';
import type { Ages } from './ages.ts';
import { awayRow, putIn, short, span, type Row, type Translate } from './figures.ts';

/** A consumer that has asked Redis for work within this time is at work. */
const activeMs = 10_000;
const maxName = 14;

/** @param trouble  why the queue's Redis cannot be asked: then the figures are old */
export function queueRow(id: string, queue: QueueReport, t: Translate, ages: Ages, trouble?: string): Row {
  const { jobName, redis, waiting, pending, dead, oldestAgeMs, inPerSecond, outPerSecond } = queue;
  if (trouble !== undefined) return awayRow(id, jobName, trouble, 'queueAway');
  const facts = [
    t('{0} waiting', short(waiting)),
    t('{0} pending', short(pending)),
    ...(dead > 0 ? [t('{0} dead', short(dead))] : []),
    ...(inPerSecond === undefined ? [] : [t('{0}/s in', short(inPerSecond))]),
    t('{0}/s out', short(outPerSecond)),
    ...(oldestAgeMs > 0 ? [t('oldest {0}', span(oldestAgeMs))] : []),
  ];
  return {
    id,
    label: jobName,
    description: facts.join(' · '),
    tooltip: [...facts, t('{0} entries in the stream', queue.length), storeName(redis)].join('\n'),
    ...appearanceOf(oldestAgeMs, ages),
    context: 'queue',
  };
}

function appearanceOf(ageMs: number, { yellowMs, redMs }: Ages): Pick<Row, 'icon' | 'color'> {
  if (ageMs >= redMs) return { icon: 'error', color: 'list.errorForeground' };
  if (ageMs >= yellowMs) return { icon: 'warning', color: 'list.warningForeground' };
  return { icon: 'list-ordered' };
}

export function waitingListRow(id: string, { waiting, oldestAgeMs }: QueueReport, t: Translate): Row {
  return {
    id: `${id}/waiting`,
    label: t('Waiting'),
    description: [short(waiting), ...(oldestAgeMs > 0 ? [t('oldest {0}', span(oldestAgeMs))] : [])].join(
      ' · ',
    ),
    tooltip: t('Records that no worker was given yet'),
    icon: 'inbox',
    context: waiting > 0 ? 'waiting' : 'nothing',
  };
}

export function groupRow(
  id: string,
  { name, pending, behind, consumerCount }: GroupReport,
  t: Translate,
): Row {
  const facts = [
    consumerCount === 1 ? t('1 consumer') : t('{0} consumers', consumerCount),
    t('{0} pending', short(pending)),
    ...(behind === undefined ? [] : [t('{0} behind', short(behind))]),
  ];
  return {
    id: `${id}/group/${name}`,
    label: t('Group {0}', name),
    description: facts.join(' · '),
    tooltip: facts.join('\n'),
    icon: 'organization',
    context: 'group',
  };
}

/** @param groupId  the id of the row of its group */
export function consumerRow(groupId: string, consumer: ConsumerReport, t: Translate): Row {
  const { name, worker, pending, idleMs } = consumer;
  return {
    id: `${groupId}/${name}`,
    label: worker ?? name,
    description: [
      t('{0} pending', short(pending)),
      idleMs < activeMs ? t('active') : t('idle for {0}', span(idleMs)),
    ].join(' · '),
    tooltip: name,
    icon: 'server-process',
    context: 'consumer',
  };
}

export function pendingListRow(id: string, { pending }: QueueReport, t: Translate): Row {
  return {
    id: `${id}/pending`,
    label: t('Pending'),
    description: short(pending),
    tooltip: t('Records that a worker was given and has not answered'),
    icon: 'watch',
    context: 'pending',
  };
}

export function deadListRow(id: string, { dead }: QueueReport, t: Translate): Row {
  return {
    id: `${id}/dead`,
    label: t('Dead letters'),
    description: short(dead),
    tooltip: t('Records that were given up; their clients got NaN'),
    icon: dead > 0 ? 'mail' : 'mail-read',
    ...(dead > 0 ? { color: 'list.errorForeground' } : {}),
    context: dead > 0 ? 'deadLetters' : 'nothing',
  };
}

/** @param listId  the id of the list's row */
export function waitingRow(listId: string, { id, uri, at, requeued }: WaitingRecord, t: Translate): Row {
  return {
    id: `${listId}/${id}`,
    label: nameOf(uri ?? id),
    // When, rather than for how long: the row stays as it is while time passes.
    description: t('since {0}', new Date(at).toLocaleTimeString()),
    tooltip: [
      uri ?? '',
      id,
      new Date(at).toLocaleString(),
      ...(requeued > 0 ? [t('put back {0} times before', requeued)] : []),
    ]
      .join('\n')
      .trimStart(),
    icon: 'file-binary',
    context: 'waitingRecord',
  };
}

/** @param listId  the id of the list's row */
export function pendingRow(listId: string, record: HeldRecord, t: Translate): Row {
  const { id, uri, consumer, worker, since, deliveries } = record;
  return {
    id: `${listId}/${id}`,
    label: nameOf(uri ?? id),
    description: [
      worker ?? consumer,
      t('since {0}', new Date(since).toLocaleTimeString()),
      deliveries === 1 ? t('1 delivery') : t('{0} deliveries', deliveries),
    ].join(' · '),
    tooltip: [uri ?? '', id, consumer, putIn(id)?.toLocaleString() ?? ''].join('\n').trim(),
    icon: 'file-binary',
    context: 'pendingRecord',
  };
}

/** @param listId  the id of the list's row */
export function deadRow(listId: string, letter: DeadLetter, t: Translate): Row {
  const { id, uri, reason, at, deliveries, worker, consumer, requeued } = letter;
  return {
    id: `${listId}/${id}`,
    label: nameOf(uri ?? id),
    description: reason,
    tooltip: [
      uri ?? '',
      reason,
      new Date(at).toLocaleString(),
      deliveries === 1 ? t('1 delivery') : t('{0} deliveries', deliveries),
      ...(worker === undefined && consumer === undefined ? [] : [worker ?? consumer ?? '']),
      ...(requeued > 0 ? [t('put back {0} times before', requeued)] : []),
      id,
    ]
      .join('\n')
      .trimStart(),
    icon: 'error',
    color: 'list.errorForeground',
    context: 'deadRecord',
  };
}

export function moreRow(listId: string, t: Translate): Row {
  return {
    id: `${listId}/more`,
    label: t('more…'),
    description: '',
    tooltip: t('Show more records'),
    icon: 'ellipsis',
    context: 'more',
  };
}

/** In place of a list that cannot be read. */
export function failureRow(listId: string, message: string): Row {
  return {
    id: `${listId}/failure`,
    label: message,
    description: '',
    tooltip: message,
    icon: 'warning',
    color: 'list.warningForeground',
    context: 'failure',
  };
}

/** Most clients name records by long random texts, which would hide what is said of them. */
function nameOf(uri: string): string {
  return uri.length > maxName ? `${beginning(uri, maxName - 4)}…` : uri;
}
