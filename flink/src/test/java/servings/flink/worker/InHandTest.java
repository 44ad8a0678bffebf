package servings.flink.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import servings.flink.queue.QueuedRecord;

class InHandTest {
  private final InHand inHand = new InHand();
  private final Session first = new Session("first", null);
  private final Session second = new Session("second", null);

  private static QueuedRecord record(String id, int bytes) {
    List<byte[]> fields = List.of("data".getBytes(StandardCharsets.US_ASCII), new byte[bytes]);
    return new QueuedRecord(id.getBytes(StandardCharsets.US_ASCII), fields, 1, -1);
  }

  @Test
  void thereIsRoomUntilRecordsOrBytesAreAtTheirLimit() throws InterruptedException {
    assertTrue(inHand.awaitRoom(1, 1, 0));
    inHand.add(first, List.of(record("1-1", 100)));
    assertTrue(inHand.awaitRoom(2, 105, 1));
    assertFalse(inHand.awaitRoom(1, 1_000, 1));
    assertFalse(inHand.awaitRoom(2, 104, 1));
    inHand.remove(List.of("1-1", "unknown"));
    assertTrue(inHand.awaitRoom(1, 1, 1));
  }

  @Test
  void aProcessThatHasDiedTakesWhatItHadAndNothingElse() {
    inHand.add(first, List.of(record("1-1", 1), record("1-2", 1)));
    inHand.add(second, List.of(record("2-1", 1)));
    assertEquals(List.of("1-1", "1-2"), inHand.removeAllOf(first).stream().sorted().collect(java.util.stream.Collectors.toList()));
    assertTrue(inHand.contains("2-1"));
    assertEquals(1, inHand.size());
  }

  @Test
  void aRecordThatComesAgainCountsOnce() throws InterruptedException {
    inHand.add(first, List.of(record("1-1", 100)));
    inHand.add(second, List.of(record("1-1", 100)));
    assertEquals(List.of(), inHand.removeAllOf(first));
    assertTrue(inHand.awaitRoom(2, 105, 1));
  }

  @Test
  void whatWasSaidToBeInHandIsNotSaidAgainBeforeItsTime() {
    inHand.add(first, List.of(record("1-1", 1)));
    assertEquals(List.of(), inHand.silentFor(60_000));
    assertEquals(List.of("1-1"), inHand.silentFor(0));
    assertEquals(List.of(), inHand.silentFor(60_000));
  }
}
