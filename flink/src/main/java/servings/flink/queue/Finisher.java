package servings.flink.queue;

import static servings.flink.queue.RedisLink.bytes;

import java.util.ArrayList;
import java.util.List;
import servings.flink.JobSpec;
import servings.flink.worker.Answers;

/** Writes results and acknowledges their records, in one step of Redis. For one thread. */
public final class Finisher implements AutoCloseable {
  private final JobSpec spec;
  private final RedisLink link;

  public Finisher(JobSpec spec) {
    this.spec = spec;
    this.link = new RedisLink(spec.redis);
  }

  public int reconnects() {
    return link.reconnects();
  }

  /** Safe to repeat: only a record that is still pending is answered.
   *  @throws RedisTrouble or JedisDataException with what Redis refused */
  public void finish(Answers answers) {
    List<byte[]> arguments = new ArrayList<>(8 + answers.rest().size());
    arguments.add(bytes(spec.jobName));
    arguments.add(bytes(RedisKeys.deadStream(spec.jobName)));
    arguments.add(bytes(RedisKeys.SERVING_GROUP));
    arguments.add(bytes(RedisKeys.resultPrefix(spec.jobName)));
    arguments.add(bytes(spec.resultTtlSeconds));
    arguments.add(answers.time());
    arguments.add(answers.count());
    arguments.add(bytes(answers.consumer()));
    arguments.addAll(answers.rest());
    link.run(Script.FINISH, 2, arguments.toArray(new byte[0][]));
  }

  @Override
  public void close() {
    link.close();
  }
}
