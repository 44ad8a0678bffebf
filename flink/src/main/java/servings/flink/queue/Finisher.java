package servings.flink.queue;

import static servings.flink.queue.RedisLink.bytes;

import java.util.ArrayList;
import java.util.List;
import servings.flink.JobSpec;

/** Writes results and acknowledges their records, in one step of Redis. For one thread. */
public final class Finisher implements AutoCloseable {
  private final JobSpec spec;
  private final RedisLink link;
  private final byte[] consumer;
  private final RedisView redis;

  public Finisher(JobSpec spec, String workerId, RedisView redis) {
    this.spec = spec;
    this.redis = redis;
    this.link = new RedisLink(spec.redis);
    this.consumer = bytes(RedisKeys.CONSUMER_PREFIX + workerId);
  }

  public int reconnects() {
    return link.reconnects();
  }

  /** Safe to repeat: only a record that is still pending is answered. @throws RedisTrouble */
  public void finish(List<Answer> answers) {
    List<byte[]> arguments = new ArrayList<>(8 + 3 * answers.size());
    arguments.add(bytes(spec.jobName));
    arguments.add(bytes(RedisKeys.deadStream(spec.jobName)));
    arguments.add(bytes(RedisKeys.SERVING_GROUP));
    arguments.add(bytes(RedisKeys.resultPrefix(spec.jobName)));
    arguments.add(bytes(spec.resultTtlSeconds));
    arguments.add(bytes(redis.now()));
    arguments.add(bytes(answers.size()));
    arguments.add(consumer);
    byte[] none = new byte[0];
    for (Answer answer : answers) {
      // The script writes no result for a record without a name.
      boolean isTold = answer.value != null && answer.record.uri != null;
      arguments.add(bytes(answer.record.id));
      arguments.add(isTold ? answer.record.uri : none);
      arguments.add(isTold ? answer.value : none);
    }
    for (int i = 0; i < answers.size(); i++) {
      Answer answer = answers.get(i);
      if (!answer.isFailed()) continue;
      arguments.add(bytes(i + 1));
      arguments.add(bytes(answer.reason));
      arguments.add(bytes(answer.record.deliveries));
    }
    link.run(Script.FINISH, 2, arguments.toArray(new byte[0][]));
  }

  @Override
  public void close() {
    link.close();
  }
}
