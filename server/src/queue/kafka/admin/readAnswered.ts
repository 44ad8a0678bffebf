import type { ReadNotes } from './standing.ts';

export const readAnswered: ReadNotes = () => ({ count: 0, has: () => false });
