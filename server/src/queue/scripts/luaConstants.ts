import { maxWaitMs } from '../../../../schemas/redis/recordLimits.ts';
import {
  answeredPrefix,
  askedOverHttp,
  deadFields,
  deadlineField,
  deathsField,
  heartbeatTtlMs,
  maxDeadLetters,
  requeuedField,
  resultField,
  runningField,
  sharedByField,
  strayField,
  unanswerable,
} from '../../../../schemas/redis/redisKeys.ts';
import { maxStrayDeaths, strayMemoryMs } from '../runNotes.ts';

/** Larger results are fetched by who waits for them: every frontend of a job hears every message. */
export const maxToldBytes = 65_536;

/** What the Lua scripts may call by name. `npm run generate` declares at the beginning of each script what it uses. */
export const luaConstants: Readonly<Record<string, string | number | Readonly<Record<string, string>>>> = {
  answeredPrefix,
  askedOverHttp,
  deadFields,
  deadlineField,
  deathsField,
  heartbeatTtlMs,
  maxDeadLetters,
  /** Of an entry with very many fields, the first are kept as a dead letter: names and values in turn. */
  maxKeptWords: 2_000,
  maxStrayDeaths,
  maxToldBytes,
  maxWaitMs,
  requeuedField,
  resultField,
  runningField,
  sharedByField,
  strayField,
  strayMemoryMs,
  unanswerable,
};
