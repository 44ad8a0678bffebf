import type { ReloadRequest, ReloadWish } from '../../../../schemas/jobEvents.ts';
import { percentOfText } from '../../../../schemas/rollout.ts';

/** What `askToReload` writes. @param id  by which what came of it is found in the worker's heartbeats */
export function reloadText(wish: ReloadWish, id: string): string {
  if (wish.by !== 'rollout') return `${wish.by} ${id}`;
  const { version, percent, isShadow } = wish.rollout;
  return `${wish.by} ${id} ${version} ${percent} ${isShadow ? 'shadow' : 'visible'}`;
}

/** Anyone who can write to the registry can write anything there. */
export function requestOf(text: string): ReloadRequest | undefined {
  const [, by, asked] = /^(command|rollback|promote|abort) ([\w-]{1,64})$/.exec(text) ?? [];
  if (asked !== undefined) return { by: by as 'command' | 'rollback' | 'promote' | 'abort', asked };
  return rolloutOf(text);
}

function rolloutOf(text: string): ReloadRequest | undefined {
  const [, asked = '', version = '', share = '', mode] =
    /^rollout ([\w-]{1,64}) (\d{1,15}) (\S{1,9}) (shadow|visible)$/.exec(text) ?? [];
  const percent = percentOfText(share);
  if (percent === undefined) return undefined;
  return { by: 'rollout', asked, rollout: { version, percent, isShadow: mode === 'shadow' } };
}
