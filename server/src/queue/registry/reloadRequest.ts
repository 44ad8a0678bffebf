import type { ReloadRequest } from '../../../../schemas/jobEvents.ts';

/** What `askToReload` writes. @param id  by which what came of it is found in the worker's heartbeats */
export function reloadText(by: 'command' | 'rollback', id: string): string {
  return `${by} ${id}`;
}

/** Anyone who can write to the registry can write anything there. */
export function requestOf(text: string): ReloadRequest | undefined {
  const [, by, asked] = /^(command|rollback) ([\w-]{1,64})$/.exec(text) ?? [];
  return asked === undefined ? undefined : { by: by as 'command' | 'rollback', asked };
}
