package servings.flink.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects records of equal key. A batch is closed by size, or by time since its first record; with no time whatever is
 *  there may go as soon as somebody asks. */
final class Batcher {
  private final int maxRows;
  private final long waitMs;
  private final Map<String, Group> groups = new LinkedHashMap<>();

  private static final class Group {
    final Deque<Item> items = new ArrayDeque<>();
    final long since;
    int rows;

    Group(long since) {
      this.since = since;
    }
  }

  /** @param maxRows  no batch has more rows, except that a record of more rows goes alone */
  Batcher(int maxRows, long waitMs) {
    this.maxRows = maxRows;
    this.waitMs = waitMs;
  }

  void add(Item item, long now) {
    Group group = groups.computeIfAbsent(item.fitted.key, key -> new Group(now));
    group.items.add(item);
    group.rows += item.fitted.rows;
  }

  /** The next batch that may go now, oldest group first; null if there is none. */
  List<Item> next(long now) {
    for (Map.Entry<String, Group> entry : groups.entrySet()) {
      Group group = entry.getValue();
      // Not the sum: what is asked with the end of time is everything.
      if (group.rows < maxRows && now - waitMs < group.since) continue;
      List<Item> batch = new ArrayList<>();
      int rows = 0;
      while (!group.items.isEmpty() && (batch.isEmpty() || rows + group.items.peek().fitted.rows <= maxRows)) {
        Item item = group.items.poll();
        rows += item.fitted.rows;
        batch.add(item);
      }
      group.rows -= rows;
      // What is left has waited already; it goes to the end of the line, so that no shape starves another.
      groups.remove(entry.getKey());
      if (!group.items.isEmpty()) groups.put(entry.getKey(), group);
      return batch;
    }
    return null;
  }

  /** When the next batch will be ready though nothing is added; 0 if none waits. */
  long readyAt() {
    long first = 0;
    for (Group group : groups.values())
      if (first == 0 || group.since + waitMs < first) first = group.since + waitMs;
    return first;
  }
}
