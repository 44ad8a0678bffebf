package servings.flink.queue;

import static servings.flink.queue.RedisLink.bytes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;
import servings.flink.JobSpec;

/** What a worker tells of itself in Redis, and what it does there beside its work. For one thread. */
public final class Registry implements AutoCloseable {
  /** No worker has as many. */
  private static final int MAX_PENDING = 1_000_000;

  private final JobSpec spec;
  private final String workerId;
  private final RedisLink link;
  private final RedisView redis;

  public Registry(JobSpec spec, String workerId, RedisView redis) {
    this.spec = spec;
    this.redis = redis;
    this.workerId = workerId;
    this.link = new RedisLink(spec.redis);
  }

  public int reconnects() {
    return link.reconnects();
  }

  public void askTime() {
    redis.ask(link);
  }

  public void unregister() {
    link.call(Protocol.Command.HDEL, bytes(RedisKeys.WORKERS_KEY), bytes(workerId));
    link.call(Protocol.Command.DEL, bytes(RedisKeys.heartbeatKey(workerId)), bytes(RedisKeys.stopKey(workerId)));
  }

  /** Writes again whatever Redis should know of the worker: its registration, heartbeat, group and consumer.
   *  @param heartbeat  empty before the first
   *  @return whether somebody has asked the worker to stop */
  public boolean renew(String registration, String heartbeat) {
    long askedAt = RedisView.steadyMs();
    List<?> renewed =
        (List<?>)
            link.run(
                Script.RENEW,
                4,
                bytes(RedisKeys.heartbeatKey(workerId)),
                bytes(RedisKeys.WORKERS_KEY),
                bytes(RedisKeys.stopKey(workerId)),
                bytes(spec.jobName),
                bytes(workerId),
                bytes(registration),
                bytes(heartbeat),
                bytes(RedisKeys.HEARTBEAT_TTL_MS),
                bytes(RedisKeys.SERVING_GROUP),
                bytes(RedisKeys.CONSUMER_PREFIX + workerId),
                bytes(redis.acknowledged()));
    redis.observe(Long.parseLong(RedisLink.text(renewed.get(1))), askedAt);
    redis.acknowledged(RedisLink.text(renewed.get(2)));
    return renewed.get(0).equals(1L);
  }

  /** Says that records are still worked on. */
  public void keepAlive(Collection<String> ids) {
    withIds(Script.KEEP_ALIVE, ids);
  }

  /** Lets others take at once what this worker will not answer: all that Redis thinks it has, for the last read may have
   *  been given up before its answer came. */
  public void handBackAll() {
    byte[] group = bytes(RedisKeys.SERVING_GROUP);
    byte[] consumer = bytes(RedisKeys.CONSUMER_PREFIX + workerId);
    List<String> ids = new ArrayList<>();
    try {
      Object pending =
          link.call(
              Protocol.Command.XPENDING, bytes(spec.jobName), group, bytes("-"), bytes("+"), bytes(MAX_PENDING), consumer);
      for (Object entry : (List<?>) pending) ids.add(RedisLink.text(((List<?>) entry).get(0)));
    } catch (JedisDataException error) {
      // The group has gone since the last renewal, and with it all that was pending.
      return;
    }
    withIds(Script.HAND_BACK, ids, bytes(spec.claimIdleMs));
  }

  private void withIds(Script script, Collection<String> ids, byte[]... more) {
    if (ids.isEmpty()) return;
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(bytes(spec.jobName));
    arguments.add(bytes(RedisKeys.SERVING_GROUP));
    arguments.add(bytes(RedisKeys.CONSUMER_PREFIX + workerId));
    for (byte[] one : more) arguments.add(one);
    for (String id : ids) arguments.add(bytes(id));
    link.run(script, 1, arguments.toArray(new byte[0][]));
  }

  /** Frees the entries that every group has acknowledged. */
  public void trim() {
    link.run(Script.TRIM, 1, bytes(spec.jobName), bytes(0));
  }

  /** Whether Redis has reached its maxmemory, found out by a write that changes nothing. */
  public boolean isFull() {
    try {
      link.call(Protocol.Command.SETRANGE, bytes(RedisKeys.WRITE_PROBE_KEY), bytes(0), new byte[0]);
      return false;
    } catch (RedisTrouble trouble) {
      // Any other trouble is met by the renewal too.
      return String.valueOf(trouble.getMessage()).startsWith("OOM");
    }
  }

  @Override
  public void close() {
    link.close();
  }
}
