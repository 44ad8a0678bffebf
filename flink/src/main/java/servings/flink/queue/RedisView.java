package servings.flink.queue;

import java.util.List;
import redis.clients.jedis.Protocol;

/** What a worker knows of Redis as a whole: its clock, on which all who share it agree, and how far the group has come.
 *  The threads of a worker share it. */
public final class RedisView {
  private static final long ORIGIN = System.nanoTime();
  /** How much faster one clock may run than another. */
  private static final double MAX_DRIFT = 0.001;

  private volatile String acknowledged = "0-0";
  /** Redis's time less the steady one lies between these two, as of a moment. */
  private double least;

  private double most;
  private double knownAt = -1;

  /** In ms, by a clock that nobody sets. */
  public static long steadyMs() {
    return (System.nanoTime() - ORIGIN) / 1_000_000;
  }

  /** Redis's time, in ms since 1970. Until Redis was asked it is that of this machine. */
  public synchronized long now() {
    return knownAt < 0 ? System.currentTimeMillis() : Math.round(steadyMs() + (least + most) / 2);
  }

  /** How far this machine's clock is ahead of Redis's, in ms. */
  public long aheadMs() {
    return System.currentTimeMillis() - now();
  }

  /** The entry up to which the group had acknowledged all at the last renewal. */
  String acknowledged() {
    return acknowledged;
  }

  void acknowledged(String id) {
    acknowledged = id;
  }

  void ask(RedisLink link) {
    long askedAt = steadyMs();
    List<?> time = (List<?>) link.call(Protocol.Command.TIME);
    long seconds = Long.parseLong(RedisLink.text(time.get(0)));
    observe(seconds * 1000 + Long.parseLong(RedisLink.text(time.get(1))) / 1000, askedAt);
  }

  /** The answer was true somewhere between the question and now: a quick answer tells more than a slow one. */
  synchronized void observe(long redisMs, long askedAt) {
    long at = steadyMs();
    double drift = (at - knownAt) * MAX_DRIFT;
    double newLeast = redisMs - at;
    double newMost = redisMs - askedAt;
    if (knownAt >= 0 && newLeast <= most + drift && newMost >= least - drift) {
      newLeast = Math.max(newLeast, least - drift);
      newMost = Math.min(newMost, most + drift);
    }
    // What does not fit together is a clock that was set.
    least = newLeast;
    most = newMost;
    knownAt = at;
  }
}
