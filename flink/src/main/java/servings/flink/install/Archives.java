package servings.flink.install;

import java.io.IOException;
import java.io.Serializable;
import java.io.RandomAccessFile;
import java.util.Map;

/** Gives TaskManagers, from the JobManager, what they lack of the program of worker processes. */
public final class Archives implements Serializable {
  private static final long serialVersionUID = 1;
  /** Far below the least that Flink's messages between its parts may have. */
  private static final int PIECE_BYTES = 1 << 20;

  /** Files of the JobManager by their digests. */
  private final Map<String, String> files;

  public Archives(Map<String, String> files) {
    this.files = Map.copyOf(files);
  }

  /** @return without bytes where the file has gone */
  public Piece answer(Piece wish) {
    String file = files.get(wish.digest);
    if (file == null) return new Piece(wish.digest, wish.offset, null);
    try (RandomAccessFile open = new RandomAccessFile(file, "r")) {
      byte[] bytes = new byte[(int) Math.max(0, Math.min(PIECE_BYTES, open.length() - wish.offset))];
      open.seek(wish.offset);
      open.readFully(bytes);
      return new Piece(wish.digest, wish.offset, bytes);
    } catch (IOException error) {
      return new Piece(wish.digest, wish.offset, null);
    }
  }
}
