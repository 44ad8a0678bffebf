package servings.flink.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

class CallsTest {
  private static final byte[] SEVEN = "7".getBytes(UTF_8);
  /** A call that waits for no answer. */
  private static final byte[] SILENT = "0".getBytes(UTF_8);

  private static String written(Message message) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    message.writeTo(out);
    return new String(out.toByteArray(), 4, out.size() - 4, UTF_8);
  }

  @Test
  void anAnswerHasTheNumberOfItsCallAndItsItems() throws IOException {
    assertEquals("*4\r\n$2\r\nok\r\n:7\r\n:-5\r\n$4\r\nt\u00e9x\r\n", written(Calls.succeeded(SEVEN, -5L, "t\u00e9x")));
    assertEquals("*2\r\n$2\r\nok\r\n:7\r\n", written(Calls.succeeded(SEVEN)));
  }

  @Test
  void aFailureSaysWhetherRedisWasReached() throws IOException {
    assertEquals("*4\r\n$2\r\nno\r\n:7\r\n:1\r\n$3\r\nOOM\r\n", written(Calls.failed(SEVEN, new JedisDataException("OOM"))));
    RuntimeException wrapped = new IllegalStateException("why", new JedisDataException("OOM"));
    assertTrue(written(Calls.failed(SEVEN, wrapped)).contains(":1\r\n$3\r\nwhy"));
    assertTrue(written(Calls.failed(SEVEN, new JedisConnectionException("refused"))).contains(":0\r\n$7\r\nrefused"));
  }

  @Test
  void aFailureWithoutWordsIsNamedAllTheSame() throws IOException {
    assertTrue(written(Calls.failed(SEVEN, new NullPointerException())).contains("java.lang.NullPointerException"));
  }

  @Test
  void callsAreDoneOneAfterTheOtherInTheirOrder() throws InterruptedException {
    List<Integer> done = Collections.synchronizedList(new ArrayList<>());
    List<Integer> wanted = new ArrayList<>();
    try (Calls calls = new Calls("w1")) {
      for (int i = 0; i < 100; i++) {
        int number = i;
        wanted.add(number);
        calls.run(null, SILENT, () -> {
          done.add(number);
          return new Object[0];
        });
      }
      assertTrue(calls.await(60_000));
    }
    assertEquals(wanted, done);
  }

  @Test
  void aCallThatFailsKeepsNoOtherFromBeingDone() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    try (Calls calls = new Calls("w1")) {
      calls.run(null, SILENT, () -> {
        throw new IllegalStateException("away");
      });
      calls.run(null, SILENT, () -> {
        done.countDown();
        return new Object[0];
      });
      assertTrue(calls.await(60_000));
    }
    assertEquals(0, done.getCount());
  }

  @Test
  void aWorkerThatHasEndedTakesNoCallAndSaysNothing() throws InterruptedException {
    Calls calls = new Calls("w1");
    calls.close();
    assertTrue(calls.await(60_000));
    List<String> done = new ArrayList<>();
    calls.run(null, SILENT, () -> {
      done.add("done");
      return new Object[0];
    });
    assertEquals(List.of(), done);
  }

  @Test
  void theEndDoesNotWaitForeverForACallThatHangs() throws InterruptedException {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    try (Calls calls = new Calls("w1")) {
      calls.run(null, SILENT, () -> {
        begun.countDown();
        try {
          hangs.await();
        } catch (InterruptedException error) {
          Thread.currentThread().interrupt();
        }
        return new Object[0];
      });
      begun.await();
      assertFalse(calls.await(1));
    }
    hangs.countDown();
  }
}
