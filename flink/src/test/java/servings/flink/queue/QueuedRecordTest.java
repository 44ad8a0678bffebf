package servings.flink.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QueuedRecordTest {
  private static final byte[] ID = "1700000000000-0".getBytes(UTF_8);

  @Test
  void itsSizeIsThatOfAllItsFieldsInBytes() {
    List<byte[]> fields = List.of("uri".getBytes(UTF_8), "\u732b".getBytes(UTF_8), new byte[0], new byte[1_000_000]);
    assertEquals(3 + 3 + 1_000_000, new QueuedRecord(ID, fields, 1, -1).size);
  }

  @Test
  void aRecordThatWasRemovedFromTheStreamHasNoFields() {
    QueuedRecord gone = new QueuedRecord(ID, null, 2, -1);
    assertEquals(List.of(), gone.fields);
    assertEquals(0, gone.size);
    assertEquals("1700000000000-0", gone.id);
  }

  @Test
  void itRunsAloneOnceAWorkerDiedWhileItsModelHadIt() {
    assertFalse(new QueuedRecord(ID, List.of(), 1, -1).isAlone());
    assertTrue(new QueuedRecord(ID, List.of(), 1, 0).isAlone());
    assertTrue(new QueuedRecord(ID, List.of(), 9, 3).isAlone());
  }

  @Test
  void namesInRedisOfAnyTwoJobsDiffer() {
    Set<String> names = new HashSet<>();
    for (String job : List.of("a", "a:dead", "", ":", "\u732b", "a:")) {
      assertTrue(names.add(RedisKeys.resultPrefix(job)), job);
      assertTrue(names.add(RedisKeys.runsKey(job)), job);
    }
    assertFalse(names.contains(RedisKeys.deadStream("a")));
    assertFalse(RedisKeys.heartbeatKey("w").equals(RedisKeys.stopKey("w")));
  }

  @Test
  void everyScriptIsThereWithItsDigest() {
    Set<String> digests = new HashSet<>();
    for (Script script : Script.values()) {
      assertTrue(script.text.length > 0, script.name());
      String digest = new String(script.sha, UTF_8);
      assertTrue(digest.matches("[0-9a-f]{40}"), digest);
      assertTrue(digests.add(digest), script.name());
    }
  }
}
