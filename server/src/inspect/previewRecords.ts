import type { ImageSize } from '../../../schemas/config/configKey.ts';
import type { RecordPreview } from '../../../schemas/redis/queueReports.ts';
import type { StoredRecord } from '../queue/readQueue.ts';
import { readModel } from '../queue/registry/jobReports.ts';
import { describeRecord } from './describeRecord.ts';

/** Describes records of a job's queue, with what its workers say of their model.
 *  @param imageResize  as the job's config has it */
export async function previewRecords(
  { redis, jobName }: { readonly redis: Parameters<typeof readModel>[0]; readonly jobName: string },
  records: readonly StoredRecord[],
  imageResize: ImageSize | undefined,
): Promise<RecordPreview[]> {
  const inputs = (await readModel(redis, jobName))?.inputs;
  const model = { ...(imageResize ? { imageResize } : {}), ...(inputs ? { inputs } : {}) };
  return records.map((record) => describeRecord(jobName, record, model));
}
