package servings.flink.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswersTest {
  private static List<byte[]> bytes(String... texts) {
    List<byte[]> all = new ArrayList<>();
    for (String text : texts) all.add(text.getBytes(UTF_8));
    return all;
  }

  private static Answers answers(List<byte[]> values) {
    return new Answers(new Session("cs-w1.1", null), "7".getBytes(UTF_8), values);
  }

  @Test
  void namesTheRecordsThatAreAnsweredAndNotWhatStandsBehindThem() {
    Answers two = answers(bytes("1700", "2", "1-0", "a", "A", "2-0", "b", "B", "1", "reason", "3"));
    assertEquals(List.of("1-0", "2-0"), two.ids());
    assertEquals(9, two.rest().size());
    assertArrayEquals("1-0".getBytes(UTF_8), two.rest().get(0));
    assertEquals("1700", new String(two.time(), UTF_8));
    assertEquals("2", new String(two.count(), UTF_8));
    assertEquals("cs-w1.1", two.consumer());
  }

  @Test
  void mayBeOfNoRecordAtAll() {
    Answers none = answers(bytes("1700", "0"));
    assertEquals(List.of(), none.ids());
    assertEquals(List.of(), none.rest());
  }

  @Test
  void handOverNamesAndValuesAsTheyAre() {
    byte[] odd = {0, -1, '\r', '\n'};
    List<byte[]> values = bytes("1700", "1", "1-0");
    values.add(odd);
    values.add(new byte[0]);
    assertSame(odd, answers(values).rest().get(1));
    assertEquals(0, answers(values).rest().get(2).length);
  }
}
