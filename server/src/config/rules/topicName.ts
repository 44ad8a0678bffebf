import { isTakenInKafka, maxJobNameInKafka, takenJobNames } from '../../../../schemas/kafka/kafkaTopics.ts';
import type { Problem } from '../../../../schemas/config/problems.ts';
import type { Context } from '../context.ts';
import { replaceValue } from '../edits.ts';
import { problem } from '../problem.ts';
import type { Rule } from './rule.ts';

export const topicName: Rule = { codes: ['bad-topic-name'], check, fix: replaceValue };

/** @see org.apache.kafka.common.internals.Topic: which characters a topic's name may have, and how many */
function check({ chosen, values }: Context): Problem[] {
  const { jobName, queueUsed } = values;
  const value = chosen.get('jobName')?.value;
  if (queueUsed !== 'kafka' || value?.kind !== 'scalar' || jobName.trim() === '') return [];
  const isTopic = /^[\w.-]+$/.test(jobName) && !/^\.{1,2}$/.test(jobName);
  const isTaken = isTakenInKafka(jobName);
  if (isTopic && !isTaken && jobName.length <= maxJobNameInKafka) return [];
  const message = isTaken
    ? `Topics of such a job would be those of another one: its name is "${takenJobNames.is}", begins with "${takenJobNames.beginsWith}" or ends with "${takenJobNames.endsWith}".`
    : isTopic
      ? `jobName is also the name of a Kafka topic: at most ${maxJobNameInKafka} characters fit.`
      : 'jobName is also the name of a Kafka topic, which has letters of English, digits, ".", "_" and "-" only.';
  const fitting = jobName.replace(/[^\w.-]+/g, '-').slice(0, maxJobNameInKafka);
  const meant = isTakenInKafka(fitting) ? fitting.replaceAll('_', '-') : fitting;
  const isNone = /^[.-]*$/.test(meant) || isTakenInKafka(meant);
  const replacement = isNone ? {} : { replacement: meant };
  return [problem('bad-topic-name', value.range, message, { key: 'jobName', ...replacement })];
}
