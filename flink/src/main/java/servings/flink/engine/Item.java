package servings.flink.engine;

import servings.flink.model.Fitted;
import servings.flink.queue.QueuedRecord;

/** A record on its way, and what the model gets of it. */
final class Item {
  final QueuedRecord record;
  final Fitted fitted;

  Item(QueuedRecord record, Fitted fitted) {
    this.record = record;
    this.fitted = fitted;
  }
}
