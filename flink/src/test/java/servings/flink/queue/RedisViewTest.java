package servings.flink.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedisViewTest {
  private static final long HOUR_MS = 3_600_000;
  private static final long REDIS_MS = 1_700_000_000_000L;

  private final RedisView view = new RedisView();

  @Test
  void timeIsRedissWhateverThisMachineSays() {
    view.observe(REDIS_MS, RedisView.steadyMs());
    assertTrue(view.now() >= REDIS_MS && view.now() < REDIS_MS + HOUR_MS);
    assertTrue(view.aheadMs() > HOUR_MS);
  }

  @Test
  void aSlowAnswerChangesNothingThatAQuickOneHasSaid() {
    long steady = RedisView.steadyMs();
    view.observe(REDIS_MS, steady);
    // Asked an hour ago, it may have been true at any time since.
    view.observe(REDIS_MS - HOUR_MS / 4, steady - HOUR_MS);
    assertTrue(view.now() >= REDIS_MS && view.now() < REDIS_MS + HOUR_MS / 8);
  }

  @Test
  void aClockThatWasSetIsFollowed() {
    view.observe(REDIS_MS, RedisView.steadyMs());
    view.observe(REDIS_MS + HOUR_MS, RedisView.steadyMs());
    assertTrue(view.now() >= REDIS_MS + HOUR_MS);
    view.observe(REDIS_MS, RedisView.steadyMs());
    assertTrue(view.now() < REDIS_MS + HOUR_MS);
  }

  @Test
  void deadlinesThatAreNoneOrAbsurdExpireNothing() {
    for (String absurd : new String[] {"", "5", "-1", "+1700000000000", "1e12", "soon", "99999999999999999", "٣٣٣٣٣٣٣٣٣٣٣٣"})
      assertEquals(0, record("1700000000000-0", "deadline", absurd).deadline, absurd);
    QueuedRecord record = record("1700000000000-0", "deadline", "1700000000000");
    assertTrue(record.isExpired(REDIS_MS));
    assertTrue(!record.isExpired(REDIS_MS - 1));
  }

  @Test
  void sharersWithoutAPlausibleNumberAreOne() {
    for (String absurd : new String[] {"", "0", "-2", "1025", "2147483648", "4294967298", "two"})
      assertEquals(1, record("1700000000000-0", "shared-by", absurd).sharedBy, absurd);
    assertEquals(1024, record("1700000000000-0", "shared-by", "1024").sharedBy);
  }

  @Test
  void anIdThatItsClientChoseTellsNoTime() {
    for (String id : new String[] {"18446744073709551615-1", "1-1", "9999999999999999-0"})
      assertEquals(REDIS_MS, record(id).enqueuedAt, id);
    assertEquals(REDIS_MS - 5, record(REDIS_MS - 5 + "-0").enqueuedAt);
  }

  private static QueuedRecord record(String id, String... fields) {
    List<byte[]> values = new ArrayList<>();
    for (String field : fields) values.add(field.getBytes(StandardCharsets.UTF_8));
    return new QueuedRecord(id.getBytes(StandardCharsets.UTF_8), values, 1, false, REDIS_MS);
  }
}
