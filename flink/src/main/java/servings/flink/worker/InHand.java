package servings.flink.worker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import servings.flink.queue.QueuedRecord;

/** What a worker was given and has not answered. */
public final class InHand {
  private static final class Held {
    final Session session;
    final int bytes;
    long since;

    Held(Session session, int bytes, long since) {
      this.session = session;
      this.bytes = bytes;
      this.since = since;
    }
  }

  private final Map<String, Held> held = new HashMap<>();
  private long bytes;

  synchronized void add(Session session, List<QueuedRecord> records) {
    long now = steadyMs();
    for (QueuedRecord record : records) {
      Held before = held.put(record.id, new Held(session, record.size, now));
      bytes += record.size - (before == null ? 0 : before.bytes);
    }
    notifyAll();
  }

  synchronized void remove(List<String> ids) {
    for (String id : ids) {
      Held one = held.remove(id);
      if (one != null) bytes -= one.bytes;
    }
    notifyAll();
  }

  /** @return the ids of what the session had */
  synchronized List<String> removeAllOf(Session session) {
    List<String> ids = new ArrayList<>();
    held.forEach((id, one) -> {
      if (one.session == session) ids.add(id);
    });
    remove(ids);
    return ids;
  }

  public synchronized boolean contains(String id) {
    return held.containsKey(id);
  }

  public synchronized int size() {
    return held.size();
  }

  /** Waits for room for more. @return whether there is some */
  public synchronized boolean awaitRoom(int maxRecords, long maxBytes, long ms) throws InterruptedException {
    if (!hasRoom(maxRecords, maxBytes)) wait(ms);
    return hasRoom(maxRecords, maxBytes);
  }

  private boolean hasRoom(int maxRecords, long maxBytes) {
    return held.isEmpty() || (held.size() < maxRecords && bytes < maxBytes);
  }

  public synchronized void awaitEmpty() throws InterruptedException {
    while (!held.isEmpty()) wait();
  }

  /** What was taken, or last said to be in hand, before that long; from now on it counts as just said. */
  synchronized List<String> silentFor(long ms) {
    long now = steadyMs();
    List<String> ids = new ArrayList<>();
    held.forEach((id, one) -> {
      if (one.since > now - ms) return;
      one.since = now;
      ids.add(id);
    });
    return ids;
  }

  /** In ms, by a clock that nobody sets. */
  public static long steadyMs() {
    return System.nanoTime() / 1_000_000;
  }
}
