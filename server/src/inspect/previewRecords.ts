import type { ImageSize } from '../../../schemas/config/configKey.ts';
import type { RecordPreview } from '../../../schemas/redis/queueReports.ts';
import type { StoredRecord } from '../queue/readQueue.ts';
import type { Store } from '../queue/store.ts';
import { describeRecord } from './describeRecord.ts';

/** Describes records of a job's queue, with what its workers say of their model.
 *  @param imageResize  as the job's config has it */
export async function previewRecords(
  { store, jobName }: { readonly store: Pick<Store, 'registry'>; readonly jobName: string },
  records: readonly StoredRecord[],
  imageResize: ImageSize | undefined,
): Promise<RecordPreview[]> {
  const inputs = (await store.registry.readModel(jobName))?.inputs;
  const model = { ...(imageResize ? { imageResize } : {}), ...(inputs ? { inputs } : {}) };
  return records.map((record) => describeRecord(jobName, record, model));
}
