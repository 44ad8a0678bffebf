package servings.flink.queue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Protocol.Command;
import servings.flink.JobSpec;
import servings.flink.TestRedis;

/** A job of a test in a Redis of its own, and what stands there of it. */
final class JobInRedis {
  static final String NAME = "job \u732b";
  static final long CLAIM_IDLE_MS = 3_600_000;

  final TestRedis redis;
  final JobSpec spec = new JobSpec();

  JobInRedis() throws IOException, InterruptedException {
    redis = new TestRedis();
    spec.jobName = NAME;
    spec.claimIdleMs = CLAIM_IDLE_MS;
    spec.batchSize = 4;
    spec.redis = new JobSpec.RedisSpec();
    spec.redis.host = "127.0.0.1";
    spec.redis.port = redis.port;
    spec.redis.timeoutMs = 60_000;
  }

  /** @return its id */
  String put(String uri, String value) {
    return redis.text(Command.XADD, NAME, "*", "uri", uri, "x", value);
  }

  /** Makes a record look as if its consumer had been silent for long. */
  void leaveIdle(String consumer, String id, long idleMs) {
    redis.call(Command.XCLAIM, NAME, "serving", consumer, "0", id, "IDLE", String.valueOf(idleMs), "JUSTID");
  }

  /** What the group takes for a consumer. */
  void deliver(String consumer, int count) {
    redis.call(Command.XREADGROUP, "GROUP", "serving", consumer, "COUNT", String.valueOf(count), "STREAMS", NAME, ">");
  }

  /** The owner and the idle time, in ms, of a record that is pending; null where it is not. */
  String[] pending(String id) {
    List<?> entries = (List<?>) redis.call(Command.XPENDING, NAME, "serving", id, id, "1");
    if (entries.isEmpty()) return null;
    List<?> entry = (List<?>) entries.get(0);
    return new String[] {RedisLink.text(entry.get(1)), String.valueOf(entry.get(2))};
  }

  long idleMs(String id) {
    return Long.parseLong(pending(id)[1]);
  }

  /** The names that the group knows. */
  List<String> consumers() {
    List<String> names = new ArrayList<>();
    for (Object consumer : (List<?>) redis.call(Command.XINFO, "CONSUMERS", NAME, "serving"))
      names.add(RedisLink.text(((List<?>) consumer).get(1)));
    return names;
  }

  static List<String> ids(List<QueuedRecord> records) {
    List<String> ids = new ArrayList<>();
    for (QueuedRecord record : records) ids.add(record.id);
    return ids;
  }
}
