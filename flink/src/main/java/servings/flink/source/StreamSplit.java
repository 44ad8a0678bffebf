package servings.flink.source;

import org.apache.flink.api.connector.source.SourceSplit;

/** Flink's sources deal out splits; a Redis stream deals out its records itself, so there are none. */
final class StreamSplit implements SourceSplit {
  @Override
  public String splitId() {
    return "stream";
  }
}
