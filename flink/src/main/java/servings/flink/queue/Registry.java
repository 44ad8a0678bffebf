package servings.flink.queue;

import static servings.flink.queue.RedisLink.bytes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;
import servings.flink.JobSpec;

/** What a worker does in Redis beside reading records and writing answers. */
public final class Registry implements AutoCloseable {
  /** No worker has as many. */
  private static final int MAX_PENDING = 1_000_000;

  private final JobSpec spec;
  private final String workerId;
  private final RedisLink link;
  private final byte[] runs;
  private volatile byte[] acknowledged = bytes("0-0");

  public Registry(JobSpec spec, String workerId) {
    this.spec = spec;
    this.workerId = workerId;
    this.link = new RedisLink(spec.redis);
    this.runs = bytes(RedisKeys.runsKey(spec.jobName));
  }

  public int reconnects() {
    return link.reconnects();
  }

  /** The name in the group of a process that begins: its own, so that what its model has when it dies stays known. */
  public String newConsumer() {
    return RedisKeys.CONSUMER_PREFIX + workerId + RedisKeys.PROCESS_MARK + UUID.randomUUID().toString().substring(0, 8);
  }

  /** In ms since 1970. */
  public long time() {
    List<?> time = (List<?>) link.call(Protocol.Command.TIME);
    return Long.parseLong(RedisLink.text(time.get(0))) * 1000 + Long.parseLong(RedisLink.text(time.get(1))) / 1000;
  }

  public void makeGroup(String consumer) {
    byte[] free = bytes(RedisKeys.WRITE_PROBE_KEY);
    link.run(Script.MAKE_GROUP, 2, bytes(spec.jobName), free, bytes(RedisKeys.SERVING_GROUP), bytes(consumer), acknowledged);
  }

  public void register(String registration) {
    link.call(Protocol.Command.HSET, bytes(RedisKeys.WORKERS_KEY), bytes(workerId), bytes(registration));
  }

  public void unregister() {
    link.call(Protocol.Command.HDEL, bytes(RedisKeys.WORKERS_KEY), bytes(workerId));
    link.call(Protocol.Command.DEL, bytes(RedisKeys.heartbeatKey(workerId)), bytes(RedisKeys.stopKey(workerId)));
  }

  /** What a renewal tells in return. */
  public static final class Renewed {
    public final boolean isStopAsked;
    /** By Redis's clock, in ms since 1970. */
    public final long redisMs;

    Renewed(boolean isStopAsked, long redisMs) {
      this.isStopAsked = isStopAsked;
      this.redisMs = redisMs;
    }
  }

  /** Writes again whatever Redis should know of the worker: its registration, heartbeat, group and consumer.
   *  @param heartbeat  empty before the first */
  public Renewed renew(String consumer, String registration, String heartbeat) {
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
                bytes(consumer),
                acknowledged);
    acknowledged = (byte[]) renewed.get(2);
    return new Renewed(renewed.get(0).equals(1L), Long.parseLong(RedisLink.text(renewed.get(1))));
  }

  /** @param ids  of what the model has from now on, with blanks between */
  public void noteRunning(String consumer, byte[] ids) {
    link.run(Script.NOTE_RUNNING, 1, runs, bytes(consumer), ids);
  }

  /** @param fields  of records that are answered */
  public void forgetDeaths(List<byte[]> fields) {
    List<byte[]> arguments = new ArrayList<>(fields);
    arguments.add(0, runs);
    link.call(Protocol.Command.HDEL, arguments.toArray(new byte[0][]));
  }

  /** Says that records are still worked on. */
  public void keepAlive(String consumer, Collection<String> ids) {
    withIds(Script.KEEP_ALIVE, consumer, ids);
  }

  /** Lets others take at once what a process of this worker had. */
  public void handBack(String consumer, Collection<String> ids) {
    withIds(Script.HAND_BACK, consumer, ids, bytes(spec.claimIdleMs));
  }

  /** The same for all that Redis thinks any process of this worker has: the last read may have been given up before its
   *  answer came, and an earlier attempt may have been killed. */
  public void handBackAll() {
    for (String consumer : consumers()) {
      List<String> pending = pendingOf(consumer);
      handBack(consumer, pending);
      // While something is pending the note says what the model had.
      if (pending.isEmpty()) link.call(Protocol.Command.HDEL, runs, bytes(RedisKeys.RUNNING_FIELD + consumer));
    }
  }

  /** The names of all processes of this worker that the group knows. */
  private List<String> consumers() {
    List<String> names = new ArrayList<>();
    String prefix = RedisKeys.CONSUMER_PREFIX + workerId + RedisKeys.PROCESS_MARK;
    byte[][] group = {bytes("CONSUMERS"), bytes(spec.jobName), bytes(RedisKeys.SERVING_GROUP)};
    try {
      for (Object consumer : (List<?>) link.call(Protocol.Command.XINFO, group)) {
        String name = nameOf((List<?>) consumer);
        if (name.startsWith(prefix)) names.add(name);
      }
    } catch (JedisDataException error) {
      // The stream or its group has gone, and with it all that was pending.
    }
    return names;
  }

  private List<String> pendingOf(String consumer) {
    List<String> ids = new ArrayList<>();
    Object pending =
        link.call(
            Protocol.Command.XPENDING,
            bytes(spec.jobName),
            bytes(RedisKeys.SERVING_GROUP),
            bytes("-"),
            bytes("+"),
            bytes(MAX_PENDING),
            bytes(consumer));
    for (Object entry : (List<?>) pending) ids.add(RedisLink.text(((List<?>) entry).get(0)));
    return ids;
  }

  private static String nameOf(List<?> consumer) {
    for (int i = 0; i + 1 < consumer.size(); i += 2)
      if (RedisLink.text(consumer.get(i)).equals("name")) return RedisLink.text(consumer.get(i + 1));
    return "";
  }

  private void withIds(Script script, String consumer, Collection<String> ids, byte[]... more) {
    if (ids.isEmpty()) return;
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(bytes(spec.jobName));
    arguments.add(bytes(RedisKeys.SERVING_GROUP));
    arguments.add(bytes(consumer));
    for (byte[] one : more) arguments.add(one);
    for (String id : ids) arguments.add(bytes(id));
    link.run(script, 1, arguments.toArray(new byte[0][]));
  }

  /** Frees the entries that every group has acknowledged. */
  public void trim() {
    link.run(Script.TRIM, 1, bytes(spec.jobName), bytes(0));
  }

  /** The secret and the salt of the model, or of records; they go to the process by its pipe, and nowhere else.
   *  @return empty where they are not there */
  public Object[] secret(boolean ofRecords) {
    byte[] key = bytes(ofRecords ? RedisKeys.RECORD_SECRETS_KEY : RedisKeys.SECRETS_KEY);
    List<?> fields =
        (List<?>)
            link.call(
                Protocol.Command.HMGET, key, bytes(RedisKeys.SECRET_FIELD), bytes(RedisKeys.SALT_FIELD));
    Object[] pair = new Object[fields.size()];
    for (int i = 0; i < pair.length; i++) pair[i] = fields.get(i) == null ? "" : RedisLink.text(fields.get(i));
    return pair;
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
