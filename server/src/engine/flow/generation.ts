import type { Model } from '../../model/model.ts';
import type { QueuedRecord } from '../../queue/recordQueue.ts';
import type { LastInputs } from '../reload/lastInputs.ts';
import type { BatchTrust } from './batchTrust.ts';
import type { DecodedRecord, Later } from '../records/decodeRecord.ts';
import type { Encoder } from '../records/encodeOutputs.ts';
import type { RequestForms } from './requests.ts';

/** All that an engine answers by at one time: the model, what makes its inputs and its results, and how it is batched. An
 *  engine exchanges it as a whole, so that each record is decoded, run and encoded by one generation. */
export interface Generation {
  readonly model: Model;
  /** Of the model, where its folder has versions. */
  readonly version?: string | undefined;
  /** What the model's batches have shown; it goes on where only settings change. */
  readonly trust?: BatchTrust | undefined;
  /** Keeps some of what the model is given. */
  readonly lastInputs?: LastInputs | undefined;
  /** A record's payload, fitted to the model. @throws ServingError with the reason for its dead letter */
  readonly decode: (record: QueuedRecord) => Later<DecodedRecord>;
  readonly encode: Encoder;
  /** Given where requests come to the worker beside the queue's records. */
  readonly requests?: RequestForms | undefined;
  readonly batchSize: number;
  readonly batchTimeoutMs: number;
  readonly maxDeliveries: number;
}
