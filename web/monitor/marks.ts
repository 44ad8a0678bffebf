import type { JobReport } from '../../schemas/jobEvents.ts';

/** A worker came or went, or serves something else. */
export interface Mark {
  /** ms since 1970. */
  readonly at: number;
  readonly kind: 'start' | 'stop' | 'death' | 'reload' | 'refusal';
  /** `pid@host` */
  readonly worker: string;
}

/** What a mark is made from. */
export interface WorkerSight {
  readonly id: string;
  readonly worker: string;
  /** It reported its heartbeat, or is about to report its first. */
  readonly lives: boolean;
  /** How often it has exchanged what it serves; absent where that is not known. */
  readonly reloads?: number;
  /** When it last refused a reload, in ms since 1970. */
  readonly refusedAt?: number;
}

export function sightsOf({ workers }: JobReport): readonly WorkerSight[] {
  return workers.map(({ registration: { workerId, pid, host, failure }, heartbeat, early }) => {
    const { reloads, reload } = heartbeat ?? {};
    return {
      id: workerId,
      worker: `${pid}@${host}`,
      lives: failure === undefined && (heartbeat !== undefined || early !== undefined),
      ...(reloads === undefined ? {} : { reloads }),
      ...(reload?.state === 'refused' ? { refusedAt: reload.at } : {}),
    };
  });
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
    ...after.filter((sight) => hasReloaded(known.get(sight.id), sight)).map((sight) => mark('reload', sight)),
    ...after
      .filter(({ id, refusedAt = 0 }) => {
        const before = known.get(id);
        return before?.lives === true && refusedAt > (before.refusedAt ?? 0);
      })
      .map((sight) => mark('refusal', sight)),
  ];
}

/** A worker that was not seen before has reloaded at a time that is not known. */
function hasReloaded(before: WorkerSight | undefined, { reloads }: WorkerSight): boolean {
  return before?.reloads !== undefined && reloads !== undefined && reloads > before.reloads;
}
