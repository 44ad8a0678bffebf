package servings.flink.source;

import java.util.List;
import servings.flink.queue.QueuedRecord;

/** The records of one read: what came together is worked on together. */
public final class Taken {
  public final List<QueuedRecord> records;

  Taken(List<QueuedRecord> records) {
    this.records = records;
  }
}
