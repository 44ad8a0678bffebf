package servings.flink.install;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchivesTest {
  @TempDir Path folder;

  private Path file(int length) throws IOException {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return Files.write(folder.resolve("archive-" + length), bytes);
  }

  private static Piece wish(String digest, long offset) {
    return new Piece(digest, offset, null);
  }

  @Test
  void aFileComesWholeInPieces() throws IOException {
    for (int length : new int[] {0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20}) {
      Path file = file(length);
      Archives archives = new Archives(Map.of("digest", file.toString()));
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      Piece piece;
      do {
        piece = archives.answer(wish("digest", whole.size()));
        assertEquals(whole.size(), piece.offset);
        whole.write(piece.bytes);
      } while (piece.bytes.length > 0);
      assertArrayEquals(Files.readAllBytes(file), whole.toByteArray());
    }
  }

  @Test
  void aPlaceBehindTheEndHasNothing() throws IOException {
    Archives archives = new Archives(Map.of("digest", file(10).toString()));
    assertEquals(0, archives.answer(wish("digest", 10)).bytes.length);
    assertEquals(0, archives.answer(wish("digest", 1L << 40)).bytes.length);
  }

  @Test
  void whatIsNotThereComesWithoutBytes() throws IOException {
    Path file = file(10);
    Archives archives = new Archives(Map.of("digest", file.toString()));
    assertNull(archives.answer(wish("another", 0)).bytes);
    assertNull(archives.answer(wish("digest", -1)).bytes);
    Files.delete(file);
    Piece gone = archives.answer(wish("digest", 4));
    assertNull(gone.bytes);
    assertEquals("digest", gone.digest);
    assertEquals(4, gone.offset);
  }

  @Test
  void aPathThatIsNoFileComesWithoutBytes() {
    assertNull(new Archives(Map.of("digest", folder.toString())).answer(wish("digest", 0)).bytes);
  }

  @Test
  void itKeepsTheFilesThatItWasGiven() throws IOException {
    Map<String, String> files = new HashMap<>(Map.of("digest", file(10).toString()));
    Archives archives = new Archives(files);
    files.clear();
    assertEquals(10, archives.answer(wish("digest", 0)).bytes.length);
  }
}
