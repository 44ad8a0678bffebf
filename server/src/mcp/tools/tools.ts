import type { McpToolName } from '../../../../schemas/programs/mcpTools.ts';
import type { Tool } from '../tool.ts';
import { doctor } from './doctor.ts';
import { explainConfig } from './explainConfig.ts';
import { jobLogs } from './jobLogs.ts';
import { jobStatus } from './jobStatus.ts';
import { lintConfig } from './lintConfig.ts';
import { listJobs } from './listJobs.ts';
import { predict } from './predict.ts';
import { deadLetters, waitingRecords } from './records.ts';
import { requeueDeadLetters } from './requeueDeadLetters.ts';
import { startJob } from './startJob.ts';
import { stopJob } from './stopJob.ts';

/** By the names that agents call. */
export const tools: Readonly<Record<McpToolName, Tool>> = {
  lint_config: lintConfig,
  explain_config: explainConfig,
  list_jobs: listJobs,
  job_status: jobStatus,
  job_logs: jobLogs,
  dead_letters: deadLetters,
  waiting_records: waitingRecords,
  doctor,
  predict,
  start_job: startJob,
  stop_job: stopJob,
  requeue_dead_letters: requeueDeadLetters,
};
