package servings.flink.queue;

import static servings.flink.queue.RedisLink.bytes;
import static servings.flink.queue.RedisLink.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;
import servings.flink.JobSpec;
import servings.flink.worker.InHand;
import servings.flink.worker.Session;

/** Takes records for one worker: first what a dead one left, then new ones. For one thread. */
public final class Taker implements AutoCloseable {
  /** A process that has died is noticed by who reads for it when a read ends. */
  private static final int MAX_BLOCK_MS = 500;
  /** How much longer than it asked for a read may take before its connection is given up. */
  private static final int WATCHDOG_MS = 2_000;
  /** A record that Redis thinks we have and we know nothing of was lost with a connection, or with an earlier attempt. */
  private static final long LOST_AFTER_MS = 4_000;

  private static final int TAKE_OVER_PAGE = 256;
  /** How much one read may bring; with large records fewer are asked for. */
  private static final double TAKE_BYTES = 2 * 1024 * 1024;

  private final JobSpec spec;
  private final RedisLink link;
  private final Registry registry;
  private final byte[] stream;
  private final byte[] runs;
  private final byte[] group = bytes(RedisKeys.SERVING_GROUP);
  private final long takeOverEveryMs;
  private final InHand inHand;
  private byte[] consumer;
  private long nextTakeOver;
  private long nextConsumerCheck;
  private double bytesPerRecord = TAKE_BYTES / 64;
  private volatile int takenOver;

  /** @param inHand  what this worker has and has not answered */
  public Taker(JobSpec spec, Registry registry, InHand inHand) {
    this.spec = spec;
    this.registry = registry;
    this.inHand = inHand;
    link = new RedisLink(spec.redis);
    stream = bytes(spec.jobName);
    runs = bytes(RedisKeys.runsKey(spec.jobName));
    takeOverEveryMs = Math.min(5_000, Math.max(100, spec.claimIdleMs / 4));
  }

  public int takenOver() {
    return takenOver;
  }

  public int reconnects() {
    return link.reconnects();
  }

  /** @return none when nothing came in time. @throws RedisTrouble */
  public List<QueuedRecord> take(Session session, int max) {
    byte[] taker = bytes(session.consumer());
    if (!Arrays.equals(taker, consumer)) {
      consumer = taker;
      registry.makeGroup(session.consumer());
      hurry();
    }
    try {
      if (InHand.steadyMs() >= nextTakeOver) {
        List<QueuedRecord> left = readLeft(max);
        if (!left.isEmpty()) return left;
      }
      return readNew(max);
    } catch (JedisDataException error) {
      // Somebody flushed Redis or deleted the stream: it is made again, as at the start.
      if (!String.valueOf(error.getMessage()).matches("(?s).*(NOGROUP|UNBLOCKED).*")) throw error;
      registry.makeGroup(session.consumer());
      return List.of();
    }
  }

  /** After trouble, what others left is looked for at once. */
  public void hurry() {
    nextTakeOver = 0;
  }

  private int portion(int max) {
    return (int) Math.max(1, Math.min(max, TAKE_BYTES / bytesPerRecord));
  }

  private List<QueuedRecord> readNew(int max) {
    long blockMs = Math.max(1, Math.min(MAX_BLOCK_MS, nextTakeOver - InHand.steadyMs()));
    List<?> streams =
        (List<?>)
            link.call(
                (int) blockMs + WATCHDOG_MS,
                Protocol.Command.XREADGROUP,
                bytes("GROUP"),
                group,
                consumer,
                bytes("COUNT"),
                bytes(portion(max)),
                bytes("BLOCK"),
                bytes(blockMs),
                bytes("STREAMS"),
                stream,
                bytes(">"));
    List<QueuedRecord> records = new ArrayList<>();
    if (streams == null || streams.isEmpty()) return records;
    for (Object item : (List<?>) ((List<?>) streams.get(0)).get(1)) {
      List<?> entry = (List<?>) item;
      records.add(taken(new QueuedRecord((byte[]) entry.get(0), entry.get(1), 1, -1)));
    }
    return records;
  }

  private QueuedRecord taken(QueuedRecord record) {
    bytesPerRecord += (record.size + 200 - bytesPerRecord) / 32;
    return record;
  }

  /** Records that a dead worker left, and those that we lost ourselves. */
  private List<QueuedRecord> readLeft(int max) {
    int page = portion(Math.min(max, TAKE_OVER_PAGE));
    Map<String, byte[][]> candidates = new LinkedHashMap<>();
    pending(candidates, spec.claimIdleMs, page + inHand.size());
    pending(candidates, Math.min(LOST_AFTER_MS, spec.claimIdleMs), page + inHand.size(), consumer);
    candidates.keySet().removeIf(inHand::contains);
    if (candidates.isEmpty()) {
      long now = InHand.steadyMs();
      nextTakeOver = now + takeOverEveryMs;
      if (now >= nextConsumerCheck) {
        nextConsumerCheck = now + spec.claimIdleMs;
        link.run(Script.DROP_CONSUMERS, 2, stream, runs, group, bytes(spec.claimIdleMs), consumer);
      }
      return List.of();
    }
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(stream);
    arguments.add(runs);
    arguments.add(group);
    arguments.add(consumer);
    arguments.add(bytes(Math.min(LOST_AFTER_MS, spec.claimIdleMs)));
    arguments.add(bytes(RedisKeys.resultPrefix(spec.jobName)));
    arguments.add(bytes(RedisKeys.CONSUMER_PREFIX));
    int count = 0;
    for (byte[][] entry : candidates.values()) {
      if (count++ == page) break;
      for (byte[] value : entry) arguments.add(value);
    }
    List<QueuedRecord> records = new ArrayList<>();
    for (Object item : (List<?>) link.run(Script.TAKE_OVER, 2, arguments.toArray(new byte[0][]))) {
      List<?> entry = (List<?>) item;
      long deliveries = (Long) entry.get(1) + 1;
      records.add(taken(new QueuedRecord((byte[]) entry.get(0), entry.get(2), deliveries, (Long) entry.get(3))));
    }
    takenOver += records.size();
    return records;
  }

  /** Adds id, owner and deliveries of what has been idle for so long. */
  private void pending(Map<String, byte[][]> into, long idleMs, int count, byte[]... owner) {
    List<byte[]> arguments = new ArrayList<>();
    for (byte[] value :
        new byte[][] {stream, group, bytes("IDLE"), bytes(idleMs), bytes("-"), bytes("+"), bytes(count)})
      arguments.add(value);
    for (byte[] value : owner) arguments.add(value);
    for (Object item : (List<?>) link.call(Protocol.Command.XPENDING, arguments.toArray(new byte[0][]))) {
      List<?> entry = (List<?>) item;
      byte[] id = (byte[]) entry.get(0);
      into.put(text(id), new byte[][] {id, (byte[]) entry.get(1), bytes((Long) entry.get(3))});
    }
  }

  @Override
  public void close() {
    link.close();
  }
}
