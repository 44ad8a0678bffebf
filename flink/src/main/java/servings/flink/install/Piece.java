package servings.flink.install;

import org.apache.flink.api.connector.source.SourceEvent;

/** A part of a file that a TaskManager lacks, on its way from the JobManager; without bytes, the wish for it. */
public final class Piece implements SourceEvent {
  private static final long serialVersionUID = 1;

  final String digest;
  final long offset;
  final byte[] bytes;

  Piece(String digest, long offset, byte[] bytes) {
    this.digest = digest;
    this.offset = offset;
    this.bytes = bytes;
  }
}
