import { afterEach } from 'vitest';
import { keepEvidence } from './evidence.ts';

/* Runs before each file of this suite: whichever test fails leaves behind what it saw. */
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepEvidence(task.name);
}, 120_000);
