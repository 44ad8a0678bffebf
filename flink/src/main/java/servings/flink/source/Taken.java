package servings.flink.source;

import java.util.List;
import servings.flink.queue.QueuedRecord;
import servings.flink.worker.Session;

/** The records of one read: what came together is worked on together. */
public final class Taken {
  /** What they were read for. */
  public final Session session;
  public final List<QueuedRecord> records;

  Taken(Session session, List<QueuedRecord> records) {
    this.session = session;
    this.records = records;
  }
}
