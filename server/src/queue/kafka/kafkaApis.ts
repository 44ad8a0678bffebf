import {
  createTopicsV7,
  fetchV13,
  findCoordinatorV4,
  heartbeatV4,
  joinGroupV7,
  leaveGroupV4,
  listOffsetsV7,
  metadataV12,
  offsetCommitV8,
  offsetFetchV8,
  produceV9,
  syncGroupV5,
} from '@platformatic/kafka';

/* The requests that this project sends, each in the one version that brokers from 3.1 on take. The library's own clients are
   not used: what they do when a broker goes away, and with the metadata of commits, is not for their user to decide. */

export const apis = {
  createTopics: createTopicsV7.api,
  fetch: fetchV13.api,
  findCoordinator: findCoordinatorV4.api,
  heartbeat: heartbeatV4.api,
  joinGroup: joinGroupV7.api,
  leaveGroup: leaveGroupV4.api,
  listOffsets: listOffsetsV7.api,
  metadata: metadataV12.api,
  offsetCommit: offsetCommitV8.api,
  offsetFetch: offsetFetchV8.api,
  produce: produceV9.api,
  syncGroup: syncGroupV5.api,
} as const;

export const requiredApis: readonly { readonly key: number; readonly version: number }[] = Object.values(
  apis,
).map(({ key, version }) => ({ key, version }));
