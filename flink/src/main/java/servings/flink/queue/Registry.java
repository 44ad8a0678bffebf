package servings.flink.queue;

import static servings.flink.queue.RedisLink.bytes;
import static servings.flink.queue.RedisLink.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import redis.clients.jedis.Protocol;
import servings.flink.JobSpec;

/** What a worker tells of itself in Redis, and what it does there beside its work. For one thread. */
public final class Registry implements AutoCloseable {
  private final JobSpec spec;
  private final String workerId;
  private final RedisLink link;

  public Registry(JobSpec spec, String workerId) {
    this.spec = spec;
    this.workerId = workerId;
    this.link = new RedisLink(spec.redis);
  }

  public int reconnects() {
    return link.reconnects();
  }

  public void register(String json) {
    link.run(Script.SET_FIELD, 1, bytes(RedisKeys.WORKERS_KEY), bytes(workerId), bytes(json));
  }

  public void unregister() {
    link.call(Protocol.Command.HDEL, bytes(RedisKeys.WORKERS_KEY), bytes(workerId));
    link.call(Protocol.Command.DEL, bytes(RedisKeys.heartbeatKey(workerId)), bytes(RedisKeys.stopKey(workerId)));
  }

  /** @return whether somebody has asked the worker to stop */
  public boolean beat(String json) {
    return link.run(
            Script.HEARTBEAT,
            2,
            bytes(RedisKeys.heartbeatKey(workerId)),
            bytes(RedisKeys.stopKey(workerId)),
            bytes(json),
            bytes(RedisKeys.HEARTBEAT_TTL_MS))
        != null;
  }

  /** Says that records are still worked on. */
  public void keepAlive(Collection<String> ids) {
    withIds(Script.KEEP_ALIVE, ids);
  }

  /** Lets others take records at once that this worker will not answer. */
  public void handBack(Collection<String> ids) {
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

  /** Whether Redis has reached its maxmemory. */
  public boolean isFull() {
    String info = text(link.call(Protocol.Command.INFO, bytes("memory")));
    long max = figure(info, "maxmemory:");
    return max > 0 && figure(info, "used_memory:") >= max;
  }

  private static long figure(String info, String name) {
    for (String line : info.split("\r?\n"))
      if (line.startsWith(name)) return Long.parseLong(line.substring(name.length()).trim());
    return 0;
  }

  @Override
  public void close() {
    link.close();
  }
}
