import type { JobReport } from '../../schemas/jobEvents.ts';

/** A worker came or went. */
export interface Mark {
  /** ms since 1970. */
  readonly at: number;
  readonly kind: 'start' | 'stop' | 'death';
  /** `pid@host` */
  readonly worker: string;
}

/** What a mark is made from. */
export interface WorkerSight {
  readonly id: string;
  readonly worker: string;
  /** It reported its heartbeat, or is about to report its first. */
  readonly lives: boolean;
}

export function sightsOf({ workers }: JobReport): readonly WorkerSight[] {
  return workers.map(({ registration: { workerId, pid, host, failure }, heartbeat, early }) => ({
    id: workerId,
    worker: `${pid}@${host}`,
    lives: failure === undefined && (heartbeat !== undefined || early !== undefined),
  }));
}

/** What has happened from one sight of a job to the next. A worker that goes leaves nothing behind; one that dies leaves
 *  its registration, without a heartbeat.
 *  @param before  undefined for a job that was not seen before: when its workers began is not known */
export function marksBetween(
  before: readonly WorkerSight[] | undefined,
  after: readonly WorkerSight[],
  at: number,
): readonly Mark[] {
  if (!before) return [];
  const known = new Map(before.map((sight) => [sight.id, sight]));
  const present = new Map(after.map((sight) => [sight.id, sight]));
  const mark = (kind: Mark['kind'], { worker }: WorkerSight): Mark => ({ at, kind, worker });
  return [
    ...before.filter(({ id, lives }) => lives && !present.has(id)).map((sight) => mark('stop', sight)),
    ...before
      .filter(({ id, lives }) => lives && present.get(id)?.lives === false)
      .map((sight) => mark('death', sight)),
    ...after
      .filter(({ id, lives }) => lives && known.get(id)?.lives !== true)
      .map((sight) => mark('start', sight)),
  ];
}
